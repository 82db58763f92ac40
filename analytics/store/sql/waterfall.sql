-- One row: what became of some lines of one import of orders.
-- Columns: fate (see order_fates); rows (lines); amount (money, line totals in
--   the analysed currency; NULL where no line has a rate);
--   taken_back (money refunded on those lines).
-- Parameters: $batch_id.
SELECT
    fate,
    COUNT(*) AS rows,
    CAST(SUM(worth) AS DECIMAL(38, 4)) AS amount,
    CAST(SUM(worth_taken_back) AS DECIMAL(38, 4)) AS taken_back
FROM order_fates
WHERE batch_id = $batch_id
GROUP BY fate
ORDER BY fate
