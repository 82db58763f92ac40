-- One row: how many lines of one import repeat an earlier line of it in every column of the file.
-- Columns: rows (lines beyond the first of each kind); amount (money in them).
-- Parameters: $batch_id. Reads the table again: the fingerprints (see line_fingerprints) that several
--   lines have.
-- Only those are compared field by field: few do, and grouping all lines by their fields takes many
-- times as long.
SELECT
    COALESCE(SUM(lines - 1), 0) AS rows,
    CAST(COALESCE(SUM((lines - 1) * amount), 0) AS DECIMAL(38, 4)) AS amount
FROM (
    SELECT amount, COUNT(*) AS lines
    FROM orders_lines
    WHERE batch_id = $batch_id AND reason IS NULL
        AND COALESCE(fingerprint, 0) IN (SELECT fingerprint FROM again)
    GROUP BY
        order_id, line_no, customer_id, ordered_at, product_id, quantity, unit_price, discount, amount,
        refunded, status, currency, channel, coupon, city, country, fingerprint
    HAVING COUNT(*) > 1
) AS repeated
