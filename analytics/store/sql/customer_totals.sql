-- One row: a customer with at least one line that counts before the as-of day, by customer_id.
-- Columns: customer_id; recency_days (days from the last order to the as-of day; NULL without an
--   order); frequency (orders); monetary (money: revenue less returns and refunds, to the cent).
-- Parameters: $as_of (date; only what happened before it counts).
SELECT
    customer_id,
    date_diff('day', MAX(CASE WHEN is_order THEN day END), CAST($as_of AS DATE)) AS recency_days,
    COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS frequency,
    CAST(SUM(revenue) AS DECIMAL(38, 4)) AS monetary
FROM sales
WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
GROUP BY customer_id
ORDER BY customer_id
