-- One row: how many lines of one import repeat an earlier line of it in every column of the file.
-- Columns: rows (lines beyond the first of each kind); amount (money in them).
-- Parameters: $batch_id.
SELECT
    COALESCE(SUM(lines - 1), 0) AS rows,
    CAST(COALESCE(SUM((lines - 1) * amount), 0) AS DECIMAL(38, 4)) AS amount
FROM (
    SELECT amount, COUNT(*) AS lines
    FROM orders_lines
    WHERE batch_id = $batch_id AND reason IS NULL
    GROUP BY order_id, fingerprint, amount
    HAVING COUNT(*) > 1
) AS repeated
