-- One row: a product that was ordered, or that the product file knows.
-- Columns: product_id; name; category; brand; price, cost (money of one unit); stock (units, by the
--   product file, else the newest of the file of stock levels); stock_day (date of that newest level;
--   NULL where the product file says it); lead_time_days (from order to delivery); launched_day
--   (date). NULL where the data do not say.
-- Parameters: none.
WITH sold AS (
    SELECT DISTINCT product_id FROM sales WHERE is_order AND product_id IS NOT NULL
), newest AS (
    SELECT product_id, MAX(day) AS day FROM stock_levels GROUP BY product_id
), level AS (
    SELECT n.product_id, n.day, SUM(l.stock) AS stock
    FROM newest AS n
    JOIN stock_levels AS l ON l.product_id = n.product_id AND l.day = n.day
    GROUP BY n.product_id, n.day
)
SELECT
    COALESCE(p.product_id, s.product_id) AS product_id, p.name, p.category, p.brand,
    p.price, p.cost, COALESCE(p.stock, l.stock) AS stock,
    CASE WHEN p.stock IS NULL THEN l.day END AS stock_day,
    p.lead_time_days, CAST(p.launched_at AS DATE) AS launched_day
FROM products AS p
FULL JOIN sold AS s ON s.product_id = p.product_id
LEFT JOIN level AS l ON l.product_id = COALESCE(p.product_id, s.product_id)
ORDER BY COALESCE(p.product_id, s.product_id)
