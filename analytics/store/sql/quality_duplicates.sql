-- One row: a table, with its lines that repeat an earlier one in every field.
-- Columns: table (orders: the lines that count; events); rows (lines beyond the first of each kind);
--   amount (money: line totals of those; NULL for events).
-- Parameters: none.
-- Only orders with two lines of one amount are compared field by field: grouping all lines by all
-- fields takes three times as long.
WITH candidates AS (
    SELECT DISTINCT order_id
    FROM (
        SELECT order_id
        FROM order_fates
        WHERE fate = 'analysed'
        GROUP BY order_id, amount
        HAVING COUNT(*) > 1
    ) AS alike
)
SELECT
    'orders' AS "table",
    CAST(COALESCE(SUM(lines - 1), 0) AS BIGINT) AS rows,
    CAST(COALESCE(SUM((lines - 1) * amount), 0) AS DECIMAL(38, 4)) AS amount
FROM (
    SELECT f.amount, COUNT(*) AS lines
    FROM order_fates AS f
    JOIN candidates AS c ON c.order_id = f.order_id
    WHERE f.fate = 'analysed'
    GROUP BY
        f.order_id, f.line_no, f.customer_id, f.ordered_at, f.product_id, f.quantity, f.unit_price,
        f.discount, f.amount, f.refunded, f.status, f.currency, f.channel, f.coupon, f.city, f.country
    HAVING COUNT(*) > 1
) AS repeated
UNION ALL
SELECT
    'events' AS "table",
    CAST(COALESCE(SUM(lines - 1), 0) AS BIGINT) AS rows,
    CAST(NULL AS DECIMAL(38, 4)) AS amount
FROM (
    SELECT COUNT(*) AS lines
    FROM events
    GROUP BY customer_id, session_id, occurred_at, event, product_id, channel, campaign, value
    HAVING COUNT(*) > 1
) AS repeated
