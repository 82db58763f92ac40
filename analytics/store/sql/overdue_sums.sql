-- One row: the good customers of one state who have waited about as many of their usual gaps, by
--   half_gaps and state.
-- Columns: half_gaps (whole halves of a usual gap waited; 10: five gaps or more); state (on time,
--   overdue, lapsed); customers; opted_out (of them, must not be addressed); orders; revenue (money).
-- Parameters: $overdue_times (waited at least so many usual gaps); $shorter_share (and so many of their
--   gaps are shorter, 0 to 1); $chance_share (with a smaller chance they count as lapsed); $good
--   (segments: the best two fifths by frequency and value; revenue: at least $least_revenue; all).
--   Reads the kept tables next_orders and scores.
WITH good AS (
    SELECT
        CAST(FLOOR(LEAST(n.overdue_times * 2, 10)) AS BIGINT) AS half_gaps,
        CASE WHEN n.overdue_times < $overdue_times OR n.shorter_share < $shorter_share THEN 'on time'
            WHEN n.chance_share < $chance_share THEN 'lapsed'
            ELSE 'overdue' END AS state,
        n.orders, n.revenue, o.customer_id
    FROM next_orders AS n
    LEFT JOIN scores AS s ON s.customer_id = n.customer_id
    LEFT JOIN opted_out AS o ON o.customer_id = n.customer_id
    WHERE n.gaps > 0
        AND ($good = 'all' OR ($good = 'segments' AND s.fm >= 4)
            OR ($good = 'revenue' AND n.revenue >= $least_revenue))
)
SELECT
    half_gaps, state,
    COUNT(*) AS customers,
    COUNT(customer_id) AS opted_out,
    CAST(SUM(orders) AS BIGINT) AS orders,
    CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue
FROM good
GROUP BY half_gaps, state
ORDER BY half_gaps, state
