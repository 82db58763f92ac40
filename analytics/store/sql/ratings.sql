-- One row: what a customer gave a product last, the earliest first.
-- Columns: customer_id; product_id; rating (the value of the event, which need not be 1 to 5);
--   at_us (when, in microseconds since 1970).
-- Parameters: $as_of (date; only what happened before it counts).
WITH given AS (
    SELECT
        customer_id, product_id, value, at_us,
        row_number() OVER (
            PARTITION BY customer_id, product_id ORDER BY at_us DESC, value DESC) AS place
    FROM events
    WHERE event = 'rating' AND customer_id IS NOT NULL AND product_id IS NOT NULL
        AND value IS NOT NULL AND day < CAST($as_of AS DATE)
)
SELECT customer_id, product_id, CAST(value AS DOUBLE) AS rating, at_us
FROM given
WHERE place = 1
ORDER BY at_us, customer_id, product_id
