-- One row: an order of one customer that counts, by day and order.
-- Columns: order_id; day (of its first line); hour (0 to 23, of its first line); revenue (money of
--   its order lines, less what was refunded on them; returns are no part of it).
-- Parameters: $customer_id, $as_of (date; only what happened before it counts).
WITH lines AS (
    SELECT
        order_id, day, revenue,
        date_diff('day', CAST('1970-01-01' AS DATE), day) * 24 + hour AS hours_since_1970
    FROM sales
    WHERE customer_id = $customer_id AND is_order AND day < CAST($as_of AS DATE)
)
SELECT
    order_id,
    MIN(day) AS day,
    MIN(hours_since_1970) - 24 * date_diff('day', CAST('1970-01-01' AS DATE), MIN(day)) AS hour,
    CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue
FROM lines
GROUP BY order_id
ORDER BY day, order_id
