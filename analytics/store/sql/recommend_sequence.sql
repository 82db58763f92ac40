-- One row: a product that a customer bought at a moment, in the order of time.
-- Columns: customer; product (their places in the handed tables); basket (1 for the customer's
--   last moment of purchase, 2 for the one before it, and so on).
-- Parameters: $as_of (date; only what happened before it counts), $baskets (whole number: only so
--   many last moments of each customer). Reads the handed tables people (customer_id, place) and
--   things (product_id, place). Purchase events count only where the store has no orders of known
--   customers, since there they are the same purchases again.
WITH sold AS (
    SELECT COUNT(*) AS orders FROM sales WHERE customer_id IS NOT NULL
), bought AS (
    SELECT customer_id, product_id, MIN(at_us) OVER (PARTITION BY customer_id, order_id) AS at_us
    FROM sales
    WHERE customer_id IS NOT NULL AND product_id IS NOT NULL AND is_order
        AND day < CAST($as_of AS DATE)
    UNION ALL
    SELECT e.customer_id, e.product_id, e.at_us
    FROM events AS e
    CROSS JOIN sold AS s
    WHERE e.customer_id IS NOT NULL AND e.product_id IS NOT NULL AND e.event = 'purchase'
        AND e.day < CAST($as_of AS DATE) AND s.orders = 0
), placed AS (
    SELECT DISTINCT
        u.place AS customer, i.place AS product,
        dense_rank() OVER (PARTITION BY u.place ORDER BY b.at_us DESC) AS basket
    FROM bought AS b
    JOIN people AS u ON u.customer_id = b.customer_id
    JOIN things AS i ON i.product_id = b.product_id
)
SELECT customer, product, CAST(basket AS BIGINT) AS basket
FROM placed
WHERE basket <= CAST($baskets AS BIGINT)
ORDER BY customer, basket DESC, product
