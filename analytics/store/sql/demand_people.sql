-- One row: a customer who bought something of a category, with how to reach them.
-- Columns: customer_id; name; email; phone; city; country; orders_with (orders with something of the
--   category); last_bought_day (of it); revenue (money, of the category, less returns and refunds);
--   opted_out (true: must not be addressed).
-- Parameters: $category, $as_of (date; only what happened before it counts).
WITH found AS (
    SELECT
        s.customer_id,
        COUNT(DISTINCT CASE WHEN s.is_order THEN s.order_id END) AS orders_with,
        MAX(CASE WHEN s.is_order THEN s.day END) AS last_bought_day,
        CAST(SUM(s.revenue) AS DECIMAL(38, 4)) AS revenue
    FROM sales AS s
    LEFT JOIN products AS p ON p.product_id = s.product_id
    WHERE s.customer_id IS NOT NULL AND s.day < CAST($as_of AS DATE)
        AND COALESCE(p.category, 'not given') = $category
    GROUP BY s.customer_id
    HAVING COUNT(CASE WHEN s.is_order THEN 1 END) > 0
)
SELECT
    f.customer_id, c.name, c.email, c.phone, c.city, c.country,
    f.orders_with, f.last_bought_day, f.revenue,
    o.customer_id IS NOT NULL AS opted_out
FROM found AS f
LEFT JOIN customers AS c ON c.customer_id = f.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = f.customer_id
