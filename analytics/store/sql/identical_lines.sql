-- One row: how many lines of one import repeat an earlier line of it in every column of the file.
-- Columns: rows (lines beyond the first of each kind); amount (money in them).
-- Parameters: $batch_id.
-- Only lines whose fingerprint occurs again are compared by order and amount: few do, and grouping
-- all lines by three columns takes several times as long.
WITH again AS (
    SELECT fingerprint
    FROM orders_lines
    WHERE batch_id = $batch_id AND reason IS NULL
    GROUP BY fingerprint
    HAVING COUNT(*) > 1
)
SELECT
    COALESCE(SUM(lines - 1), 0) AS rows,
    CAST(COALESCE(SUM((lines - 1) * amount), 0) AS DECIMAL(38, 4)) AS amount
FROM (
    SELECT amount, COUNT(*) AS lines
    FROM orders_lines
    WHERE batch_id = $batch_id AND reason IS NULL AND fingerprint IN (SELECT fingerprint FROM again)
    GROUP BY order_id, fingerprint, amount
    HAVING COUNT(*) > 1
) AS repeated
