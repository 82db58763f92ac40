-- One row: how the shop's customers bought in a period, to plan a test with.
-- Columns: seen (customers with an order or event in the period); known (customers with an entry,
--   an order or an event before its end); with_events (events of customers in the period);
--   buyers (customers with an order); revenue (money, of known customers); squared_revenue (sum
--   over customers of their revenue squared, exact).
-- Parameters: $from_day (date, within), $as_of (date, without).
WITH bought AS (
    SELECT
        customer_id,
        COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS orders,
        CAST(SUM(revenue) AS DECIMAL(18, 4)) AS revenue
    FROM sales
    WHERE customer_id IS NOT NULL AND day >= CAST($from_day AS DATE) AND day < CAST($as_of AS DATE)
    GROUP BY customer_id
), came AS (
    SELECT customer_id, COUNT(*) AS events
    FROM events
    WHERE customer_id IS NOT NULL AND day >= CAST($from_day AS DATE) AND day < CAST($as_of AS DATE)
    GROUP BY customer_id
), everyone AS (
    SELECT customer_id FROM customers
    UNION
    SELECT customer_id FROM sales WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
    UNION
    SELECT customer_id FROM events WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
)
SELECT
    COUNT(CASE WHEN b.customer_id IS NOT NULL OR v.customer_id IS NOT NULL THEN 1 END) AS seen,
    COUNT(*) AS known,
    CAST(COALESCE(SUM(v.events), 0) AS BIGINT) AS with_events,
    COUNT(CASE WHEN b.orders > 0 THEN 1 END) AS buyers,
    CAST(COALESCE(SUM(b.revenue), 0) AS DECIMAL(38, 4)) AS revenue,
    CAST(COALESCE(SUM(CAST(b.revenue AS DECIMAL(19, 4)) * b.revenue), 0) AS DECIMAL(38, 8)) AS squared_revenue
FROM everyone AS e
LEFT JOIN bought AS b ON b.customer_id = e.customer_id
LEFT JOIN came AS v ON v.customer_id = e.customer_id
