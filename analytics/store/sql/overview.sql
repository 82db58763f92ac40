-- One row: the shop in one period.
-- Columns: revenue (money), identified_revenue, guest_revenue (money); orders; customers (with an
--   order in the period); lines.
-- Parameters: $from_day, $until_day (dates; the first counts, the last does not).
SELECT
    CAST(COALESCE(SUM(revenue), 0) AS DECIMAL(38, 4)) AS revenue,
    CAST(COALESCE(SUM(CASE WHEN customer_id IS NOT NULL THEN revenue END), 0) AS DECIMAL(38, 4)) AS identified_revenue,
    CAST(COALESCE(SUM(CASE WHEN customer_id IS NULL THEN revenue END), 0) AS DECIMAL(38, 4)) AS guest_revenue,
    COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS orders,
    COUNT(DISTINCT CASE WHEN is_order THEN customer_id END) AS customers,
    COUNT(*) AS lines
FROM sales
WHERE day >= CAST($from_day AS DATE) AND day < CAST($until_day AS DATE)
