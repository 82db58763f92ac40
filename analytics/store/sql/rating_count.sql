-- One row: how much was rated.
-- Columns: ratings (events called rating that name a customer and a product and have a value).
-- Parameters: $as_of (date; only what happened before it counts).
SELECT COUNT(*) AS ratings
FROM events
WHERE event = 'rating' AND customer_id IS NOT NULL AND product_id IS NOT NULL
    AND value IS NOT NULL AND day < CAST($as_of AS DATE)
