-- One row: a product that was ordered.
-- Columns: product_id; name; category; cost (money of one unit). NULL where the data do not say.
-- Parameters: none.
WITH sold AS (
    SELECT DISTINCT product_id FROM sales WHERE is_order AND product_id IS NOT NULL
)
SELECT s.product_id, p.name, p.category, p.cost
FROM sold AS s
LEFT JOIN products AS p ON p.product_id = s.product_id
ORDER BY s.product_id
