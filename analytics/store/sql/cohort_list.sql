-- One row: a customer of a cohort who came back in a period, or who did not, with how to reach them.
-- Columns: customer_id; name; email; phone; city; country; started_day; orders, revenue (money: all
--   from the start on); orders_then, revenue_then (in that period); opted_out (true: must not be
--   addressed).
-- Parameters: $cohort (its number; NULL: any), $part (NULL: any), $step (the period after the start),
--   $later (whether a later period does as well), $came (whether those who came, or the others).
--   Reads the kept table activity (customer_id, start_day, cohort, part, period, came, orders, revenue).
WITH people AS (
    SELECT
        customer_id, start_day,
        MAX(CASE WHEN came = 1 AND (period = $step OR ($later AND period > $step)) THEN 1 ELSE 0 END) AS came,
        CAST(SUM(orders) AS BIGINT) AS orders,
        CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue,
        CAST(SUM(CASE WHEN period = $step THEN orders ELSE 0 END) AS BIGINT) AS orders_then,
        CAST(SUM(CASE WHEN period = $step THEN revenue ELSE 0 END) AS DECIMAL(38, 4)) AS revenue_then
    FROM activity
    WHERE (CAST($cohort AS BIGINT) IS NULL OR cohort = $cohort)
        AND (CAST($part AS VARCHAR) IS NULL OR part = $part)
    GROUP BY customer_id, start_day
)
SELECT
    p.customer_id, c.name, c.email, c.phone, c.city, c.country,
    p.start_day AS started_day, p.orders, p.revenue, p.orders_then, p.revenue_then,
    o.customer_id IS NOT NULL AS opted_out
FROM people AS p
LEFT JOIN customers AS c ON c.customer_id = p.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = p.customer_id
WHERE p.came = CASE WHEN $came THEN 1 ELSE 0 END
