-- One row: a customer who ordered before the as-of day, by customer_id.
-- Columns: customer_id; last_order_day; wait_days (from that day to the as-of day, at least 1); gaps
--   (between one day with an order and the next); gap_days (all of them together); log_gaps (sum of
--   the natural logarithms of the gaps in days); squared_log_gaps (sum of their squares); orders
--   (different orders); revenue (money: less returns and refunds).
-- Parameters: $as_of (date; nothing on or after it counts).
WITH lines AS (
    SELECT customer_id, order_id, day, revenue, is_order
    FROM sales
    WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
), order_days AS (
    SELECT customer_id, day FROM lines WHERE is_order GROUP BY customer_id, day
), steps AS (
    SELECT
        customer_id, day,
        date_diff('day', lag(day) OVER (PARTITION BY customer_id ORDER BY day), day) AS gap
    FROM order_days
), logs AS (
    SELECT
        customer_id, day, gap, CAST(ln(CAST(gap AS DOUBLE)) AS DECIMAL(18, 9)) AS log_gap
    FROM steps
), rhythm AS (
    SELECT
        customer_id,
        MAX(day) AS last_order_day,
        COUNT(gap) AS gaps,
        CAST(COALESCE(SUM(gap), 0) AS BIGINT) AS gap_days,
        COALESCE(SUM(log_gap), 0) AS log_gaps,
        COALESCE(SUM(log_gap * log_gap), 0) AS squared_log_gaps
    FROM logs
    GROUP BY customer_id
), worth AS (
    SELECT
        customer_id,
        COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS orders,
        CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue
    FROM lines
    GROUP BY customer_id
)
SELECT
    r.customer_id, r.last_order_day,
    date_diff('day', r.last_order_day, CAST($as_of AS DATE)) AS wait_days,
    r.gaps, r.gap_days,
    CAST(r.log_gaps AS DOUBLE) AS log_gaps,
    CAST(r.squared_log_gaps AS DOUBLE) AS squared_log_gaps,
    w.orders, w.revenue
FROM rhythm AS r
JOIN worth AS w ON w.customer_id = r.customer_id
ORDER BY r.customer_id
