-- One row: how a group of customers bought in a period.
-- Columns: customers; buyers; revenue (money); squared_revenue (sum over customers of their revenue
--   squared, exact).
-- Parameters: $start (date, within), $end (date, without). Reads the kept table members
--   (customer_id).
WITH bought AS (
    SELECT
        customer_id,
        COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS orders,
        CAST(SUM(revenue) AS DECIMAL(18, 4)) AS revenue
    FROM sales
    WHERE customer_id IS NOT NULL AND day >= CAST($start AS DATE) AND day < CAST($end AS DATE)
    GROUP BY customer_id
)
SELECT
    COUNT(*) AS customers,
    COUNT(CASE WHEN b.orders > 0 THEN 1 END) AS buyers,
    CAST(COALESCE(SUM(b.revenue), 0) AS DECIMAL(38, 4)) AS revenue,
    CAST(COALESCE(SUM(CAST(b.revenue AS DECIMAL(19, 4)) * b.revenue), 0) AS DECIMAL(38, 8)) AS squared_revenue
FROM members AS m
LEFT JOIN bought AS b ON b.customer_id = m.customer_id
