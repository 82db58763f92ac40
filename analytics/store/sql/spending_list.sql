-- One row: a customer of the list: those expected to bring most, until so many of them may be
--   addressed, with how to reach them.
-- Columns: customer_id; name; email; phone; city; country; expected_revenue (money, in the days asked
--   for); recency_days; orders; revenue (money, so far); opted_out (true: must not be addressed).
-- Parameters: $limit (how many may be addressed). Reads the kept tables spending and features.
WITH ranked AS (
    SELECT
        p.customer_id, p.expected_revenue, o.customer_id IS NOT NULL AS opted_out,
        SUM(CASE WHEN o.customer_id IS NULL THEN 1 ELSE 0 END) OVER (
            ORDER BY p.expected_revenue DESC, p.customer_id ROWS UNBOUNDED PRECEDING) AS addressed
    FROM spending AS p
    LEFT JOIN opted_out AS o ON o.customer_id = p.customer_id
)
SELECT
    k.customer_id, c.name, c.email, c.phone, c.city, c.country,
    CAST(k.expected_revenue AS DECIMAL(18, 2)) AS expected_revenue,
    f.recency_days, f.orders, f.revenue, k.opted_out
FROM ranked AS k
LEFT JOIN features AS f ON f.customer_id = k.customer_id
LEFT JOIN customers AS c ON c.customer_id = k.customer_id
WHERE k.addressed < $limit OR (k.addressed = $limit AND NOT k.opted_out)
