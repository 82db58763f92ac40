-- One row: a customer and a product that they bought, or showed an interest in, within a time.
-- Columns: customer; product (their places in the handed tables); purchases (different orders);
--   strength (whole thousandths: each purchase and event at the weight of its signal); decayed
--   (whole billionths: each purchase at exp(-days / 112), days counted back from the as-of day);
--   days_since_last (days from the last purchase to the as-of day; NULL without one); recent
--   (purchases of the last 28 days).
-- Parameters: $from_day, $as_of (dates; what happened from the one to the day before the other
--   counts). Reads the handed tables people (customer_id, place), things (product_id, place) and
--   signals (signal, thousandths). Purchase events count only where the store has no orders of
--   known customers, since there they are the same purchases again.
WITH sold AS (
    SELECT COUNT(*) AS orders FROM sales WHERE customer_id IS NOT NULL
), bought AS (
    SELECT customer_id, product_id, order_id, MAX(day) AS day
    FROM sales
    WHERE customer_id IS NOT NULL AND product_id IS NOT NULL AND is_order
        AND day >= CAST($from_day AS DATE) AND day < CAST($as_of AS DATE)
    GROUP BY customer_id, product_id, order_id
), done AS (
    SELECT customer_id, product_id, day, 'purchase' AS signal, 1 AS purchases
    FROM bought
    UNION ALL
    SELECT
        e.customer_id, e.product_id, e.day, e.event AS signal,
        CASE WHEN e.event = 'purchase' THEN 1 ELSE 0 END AS purchases
    FROM events AS e
    CROSS JOIN sold AS s
    WHERE e.customer_id IS NOT NULL AND e.product_id IS NOT NULL
        AND e.day >= CAST($from_day AS DATE) AND e.day < CAST($as_of AS DATE)
        AND (e.event <> 'purchase' OR s.orders = 0)
)
SELECT
    u.place AS customer,
    i.place AS product,
    CAST(SUM(d.purchases) AS BIGINT) AS purchases,
    CAST(SUM(g.thousandths) AS BIGINT) AS strength,
    CAST(SUM(CASE WHEN d.purchases > 0 THEN CAST(FLOOR(1000000000 * EXP(
        -CAST(date_diff('day', d.day, CAST($as_of AS DATE)) AS DOUBLE) / 112)) AS BIGINT)
        ELSE 0 END) AS BIGINT) AS decayed,
    date_diff('day', MAX(CASE WHEN d.purchases > 0 THEN d.day END), CAST($as_of AS DATE))
        AS days_since_last,
    CAST(SUM(CASE WHEN d.purchases > 0
        AND date_diff('day', d.day, CAST($as_of AS DATE)) <= 28 THEN 1 ELSE 0 END) AS BIGINT)
        AS recent
FROM done AS d
JOIN signals AS g ON g.signal = d.signal
JOIN people AS u ON u.customer_id = d.customer_id
JOIN things AS i ON i.product_id = d.product_id
GROUP BY u.place, i.place
