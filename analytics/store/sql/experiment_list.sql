-- One row: a customer of an experiment who counts: in one variant only, and their window is over.
-- Columns: customer_id; name; email; phone; city; country; variant; assigned_day (date: first
--   exposure); segment (of the groups handed in; not known: in none); orders (in the window);
--   revenue (money, in the window); opted_out (true: must not be addressed).
-- Parameters: $experiment, $variant (NULL: any), $segment (NULL: any), $window_days (days from the
--   first exposure that count; NULL: up to the as-of day), $as_of (date; nothing on or after it
--   counts). Reads the kept table members (customer_id, segment).
WITH firsts AS (
    SELECT
        customer_id, MIN(variant) AS variant, MIN(at_us) AS from_us, MIN(day) AS assigned_day
    FROM assignments
    WHERE experiment = $experiment AND customer_id IS NOT NULL
    GROUP BY customer_id
    HAVING MIN(variant) = MAX(variant)
), exposed AS (
    SELECT
        customer_id, variant, assigned_day, from_us,
        from_us - from_us % 86400000000 AS midnight_us,
        COALESCE(
            CAST($window_days AS BIGINT) * 86400000000,
            date_diff('day', CAST('1970-01-01' AS DATE), CAST($as_of AS DATE)) * 86400000000 - from_us
        ) AS span_us
    FROM firsts
    WHERE from_us + COALESCE(CAST($window_days AS BIGINT), 0) * 86400000000
        <= date_diff('day', CAST('1970-01-01' AS DATE), CAST($as_of AS DATE)) * 86400000000
), near_lines AS (
    SELECT
        e.customer_id, e.span_us, s.order_id, s.revenue, s.is_order,
        s.at_us - CASE WHEN s.at_us % 86400000000 = 0 THEN e.midnight_us ELSE e.from_us END
            AS since_us
    FROM sales AS s
    INNER JOIN exposed AS e ON e.customer_id = s.customer_id
    WHERE s.day < CAST($as_of AS DATE) AND s.at_us >= e.midnight_us
), bought AS (
    SELECT
        customer_id,
        COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS orders,
        SUM(revenue) AS revenue
    FROM near_lines
    WHERE since_us >= 0 AND since_us < span_us
    GROUP BY customer_id
)
SELECT
    e.customer_id, c.name, c.email, c.phone, c.city, c.country, e.variant, e.assigned_day,
    COALESCE(g.segment, 'not known') AS segment,
    COALESCE(b.orders, 0) AS orders,
    CAST(COALESCE(b.revenue, 0) AS DECIMAL(38, 4)) AS revenue,
    o.customer_id IS NOT NULL AS opted_out
FROM exposed AS e
LEFT JOIN bought AS b ON b.customer_id = e.customer_id
LEFT JOIN members AS g ON g.customer_id = e.customer_id
LEFT JOIN customers AS c ON c.customer_id = e.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = e.customer_id
WHERE (CAST($variant AS VARCHAR) IS NULL OR e.variant = $variant)
    AND (CAST($segment AS VARCHAR) IS NULL OR COALESCE(g.segment, 'not known') = $segment)
