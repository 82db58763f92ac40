-- One row: a category or a product that customers ordered before the as-of day, the one with most
--   buyers first.
-- Columns: kind (category or product); of (the category's name or the product's number); name; buyers
--   (different customers).
-- Parameters: $as_of (date; nothing on or after it counts).
WITH bought AS (
    SELECT customer_id, product_id
    FROM sales
    WHERE is_order AND customer_id IS NOT NULL AND product_id IS NOT NULL
        AND day < CAST($as_of AS DATE)
    GROUP BY customer_id, product_id
)
SELECT 'category' AS kind, p.category AS of, p.category AS name,
    COUNT(DISTINCT b.customer_id) AS buyers
FROM bought AS b
JOIN products AS p ON p.product_id = b.product_id
WHERE p.category IS NOT NULL
GROUP BY p.category
UNION ALL
SELECT 'product' AS kind, b.product_id AS of, COALESCE(MAX(p.name), b.product_id) AS name,
    COUNT(DISTINCT b.customer_id) AS buyers
FROM bought AS b
LEFT JOIN products AS p ON p.product_id = b.product_id
GROUP BY b.product_id
ORDER BY buyers DESC, kind, of
