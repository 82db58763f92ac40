-- One row: a category one customer ordered from before the as-of day, the favourite one first.
-- Columns: category (NULL: of products whose category is not known, last); lines; orders; revenue
--   (money of the order lines, less what was refunded on them).
-- Parameters: $customer_id, $as_of (date; only what happened before it counts).
SELECT
    p.category,
    COUNT(*) AS lines,
    COUNT(DISTINCT s.order_id) AS orders,
    CAST(SUM(s.revenue) AS DECIMAL(38, 4)) AS revenue
FROM sales AS s
LEFT JOIN products AS p ON p.product_id = s.product_id
WHERE s.customer_id = $customer_id AND s.is_order AND s.day < CAST($as_of AS DATE)
GROUP BY p.category
ORDER BY CASE WHEN p.category IS NULL THEN 1 ELSE 0 END, lines DESC, revenue DESC, p.category
