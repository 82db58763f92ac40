-- One row: a product, or a category, in an order that counts; once an order however many lines.
-- Columns: basket_id (the order); customer_id (NULL: guest); day; item (product_id or category).
-- Parameters: $by (product_id or category), $from_day (date; NULL: from the first order on),
--   $until_day (date; only what happened before it counts).
SELECT
    s.order_id AS basket_id,
    MIN(s.customer_id) AS customer_id,
    MIN(s.day) AS day,
    CASE WHEN $by = 'category' THEN p.category ELSE s.product_id END AS item
FROM sales AS s
LEFT JOIN products AS p ON p.product_id = s.product_id
WHERE s.is_order
    AND (CAST($from_day AS DATE) IS NULL OR s.day >= CAST($from_day AS DATE))
    AND s.day < CAST($until_day AS DATE)
    AND CASE WHEN $by = 'category' THEN p.category ELSE s.product_id END IS NOT NULL
GROUP BY s.order_id, CASE WHEN $by = 'category' THEN p.category ELSE s.product_id END
