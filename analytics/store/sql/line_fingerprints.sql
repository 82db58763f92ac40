-- One row: a readable line of one import of orders.
-- Columns: fingerprint (of order, product and the columns that are no field).
-- Parameters: $batch_id.
SELECT COALESCE(fingerprint, 0) AS fingerprint
FROM orders_lines
WHERE batch_id = $batch_id AND reason IS NULL
