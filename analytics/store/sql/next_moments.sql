-- One row: something a known customer did at a moment; identical rows once, an order once however
--   many lines it has.
-- Columns: customer_id; at_us (microseconds since 1970, shop time; as in moments); event (purchase
--   for an order); product_id (of an order the first by name; NULL: unknown); category (NULL: unknown).
-- Parameters: $as_of (date; nothing on or after it counts); $purchases (order or event: which of the
--   two a purchase is).
WITH done AS (
    SELECT customer_id, at_us, event, order_id, MIN(product_id) AS product_id
    FROM moments
    WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
        AND (source = $purchases OR (source = 'event' AND event <> 'purchase'))
    GROUP BY customer_id, at_us, event, order_id,
        CASE WHEN source = 'event' THEN product_id END
)
SELECT d.customer_id, d.at_us, d.event, d.product_id, p.category
FROM done AS d
LEFT JOIN products AS p ON p.product_id = d.product_id
