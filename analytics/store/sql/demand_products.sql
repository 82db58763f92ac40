-- One row: a product that was sold, or that the product file knows.
-- Columns: product_id; name, category, brand (NULL where the data do not say).
-- Parameters: none.
WITH sold AS (
    SELECT DISTINCT product_id FROM sales WHERE product_id IS NOT NULL
)
SELECT
    COALESCE(s.product_id, p.product_id) AS product_id, p.name, p.category, p.brand
FROM sold AS s
FULL JOIN products AS p ON p.product_id = s.product_id
ORDER BY COALESCE(s.product_id, p.product_id)
