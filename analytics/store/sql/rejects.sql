-- One row: a record of one import that is not used.
-- Columns: line_no (record of the file, header counted); reason; raw (the record as it came).
-- Parameters: $batch_id.
SELECT record_no AS line_no, reason, raw FROM orders_lines WHERE batch_id = $batch_id AND reason IS NOT NULL
UNION ALL
SELECT record_no AS line_no, reason, raw FROM events_lines WHERE batch_id = $batch_id AND reason IS NOT NULL
UNION ALL
SELECT record_no AS line_no, reason, raw FROM customers_lines WHERE batch_id = $batch_id AND reason IS NOT NULL
UNION ALL
SELECT record_no AS line_no, reason, raw FROM products_lines WHERE batch_id = $batch_id AND reason IS NOT NULL
UNION ALL
SELECT record_no AS line_no, reason, raw FROM assignments_lines WHERE batch_id = $batch_id AND reason IS NOT NULL
UNION ALL
SELECT record_no AS line_no, reason, raw FROM spend_lines WHERE batch_id = $batch_id AND reason IS NOT NULL
UNION ALL
SELECT record_no AS line_no, reason, raw FROM stock_levels_lines WHERE batch_id = $batch_id AND reason IS NOT NULL
UNION ALL
SELECT record_no AS line_no, reason, raw FROM matches_lines WHERE batch_id = $batch_id AND reason IS NOT NULL
ORDER BY line_no
