-- One row: a customer and a product on a day on which they bought it, or showed an interest in it.
-- Columns: customer; product (their places in the handed tables); day; purchases (different orders);
--   strength (whole thousandths: each purchase and event at the weight of its signal).
-- Parameters: $as_of (date; only what happened before it counts). Reads the handed tables people
--   (customer_id, place), things (product_id, place) and signals (signal, thousandths). Purchase
--   events count only where the store has no orders of known customers, since there they are the
--   same purchases again.
WITH sold AS (
    SELECT COUNT(*) AS orders FROM sales WHERE customer_id IS NOT NULL
), bought AS (
    SELECT customer_id, product_id, order_id, MAX(day) AS day
    FROM sales
    WHERE customer_id IS NOT NULL AND product_id IS NOT NULL AND is_order
        AND day < CAST($as_of AS DATE)
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
        AND e.day < CAST($as_of AS DATE)
        AND (e.event <> 'purchase' OR s.orders = 0)
)
SELECT
    u.place AS customer,
    i.place AS product,
    d.day,
    CAST(SUM(d.purchases) AS BIGINT) AS purchases,
    CAST(SUM(g.thousandths) AS BIGINT) AS strength
FROM done AS d
JOIN signals AS g ON g.signal = d.signal
JOIN people AS u ON u.customer_id = d.customer_id
JOIN things AS i ON i.product_id = d.product_id
GROUP BY u.place, i.place, d.day
