-- One row: a customer who ordered before the as-of day, with what they did by then and afterwards.
-- Columns: customer_id; first_day, last_day (of their orders); frequency (days with an order after
--   the first such day); recency_days (from the first to the last); age_days (from the first to the
--   day before the as-of day); spent (money of their orders, refunds taken off); spent_first (of
--   which on the first day); returned (money of returns, negative); later_orders (days with an order
--   from the as-of day on); later_revenue (money: all that counts from then on).
-- Parameters: $as_of (date; only what happened before it counts as known), $until_day (date; nothing
--   from it on is looked at).
WITH days AS (
    SELECT
        customer_id, day,
        MAX(CASE WHEN is_order THEN 1 ELSE 0 END) AS ordered,
        SUM(CASE WHEN is_order THEN revenue ELSE 0 END) AS spent,
        SUM(CASE WHEN is_order THEN 0 ELSE revenue END) AS returned
    FROM sales
    WHERE customer_id IS NOT NULL AND day < CAST($until_day AS DATE)
    GROUP BY customer_id, day
), known AS (
    SELECT customer_id, MIN(day) AS first_day, MAX(day) AS last_day, COUNT(*) - 1 AS frequency
    FROM days
    WHERE ordered = 1 AND day < CAST($as_of AS DATE)
    GROUP BY customer_id
)
SELECT
    k.customer_id, k.first_day, k.last_day, k.frequency,
    date_diff('day', k.first_day, k.last_day) AS recency_days,
    date_diff('day', k.first_day, CAST($as_of AS DATE)) - 1 AS age_days,
    CAST(SUM(CASE WHEN d.day < CAST($as_of AS DATE) THEN d.spent ELSE 0 END) AS DECIMAL(38, 4)) AS spent,
    CAST(SUM(CASE WHEN d.day = k.first_day THEN d.spent ELSE 0 END) AS DECIMAL(38, 4)) AS spent_first,
    CAST(SUM(CASE WHEN d.day < CAST($as_of AS DATE) THEN d.returned ELSE 0 END) AS DECIMAL(38, 4)) AS returned,
    COUNT(CASE WHEN d.ordered = 1 AND d.day >= CAST($as_of AS DATE) THEN 1 END) AS later_orders,
    CAST(SUM(CASE WHEN d.day >= CAST($as_of AS DATE) THEN d.spent + d.returned ELSE 0 END) AS DECIMAL(38, 4)) AS later_revenue
FROM known AS k
JOIN days AS d ON d.customer_id = k.customer_id
GROUP BY k.customer_id, k.first_day, k.last_day, k.frequency
ORDER BY k.customer_id
