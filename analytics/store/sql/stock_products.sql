-- One row: a product that was ordered, or that the product file knows.
-- Columns: product_id; name; category; brand; price, cost (money of one unit); stock (units);
--   lead_time_days (from order to delivery); launched_day (date). NULL where the data do not say.
-- Parameters: none.
WITH sold AS (
    SELECT DISTINCT product_id FROM sales WHERE is_order AND product_id IS NOT NULL
)
SELECT
    COALESCE(p.product_id, s.product_id) AS product_id, p.name, p.category, p.brand,
    p.price, p.cost, p.stock, p.lead_time_days, CAST(p.launched_at AS DATE) AS launched_day
FROM products AS p
FULL JOIN sold AS s ON s.product_id = p.product_id
ORDER BY COALESCE(p.product_id, s.product_id)
