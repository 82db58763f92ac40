-- One row: what a cohort did in one period after its start.
-- Columns: part; cohort (number of the period its customers started in); period (how many periods
--   after the start); customers (who did anything, or started, in it: in period 0 all of the cohort);
--   came (who came in it); ended (of which came in no later one); orders; revenue (money).
-- Parameters: none. Reads the kept table activity (customer_id, start_day, cohort, part, period, came, orders, revenue).
WITH last_ones AS (
    SELECT customer_id, MAX(period) AS last_period
    FROM activity
    WHERE came = 1
    GROUP BY customer_id
)
SELECT
    a.part, a.cohort, a.period,
    COUNT(*) AS customers,
    CAST(SUM(a.came) AS BIGINT) AS came,
    COUNT(CASE WHEN l.last_period = a.period THEN 1 END) AS ended,
    CAST(SUM(a.orders) AS BIGINT) AS orders,
    CAST(SUM(a.revenue) AS DECIMAL(38, 4)) AS revenue
FROM activity AS a
LEFT JOIN last_ones AS l ON l.customer_id = a.customer_id
GROUP BY a.part, a.cohort, a.period
ORDER BY a.part NULLS LAST, a.cohort, a.period
