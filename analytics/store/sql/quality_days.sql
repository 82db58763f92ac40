-- One row: a day on which something counted.
-- Columns: day; revenue (money: returns and refunds taken off); orders (different ones with a line
--   on the day, so that an order over midnight stands on both days).
-- Parameters: none.
SELECT
    day,
    CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue,
    COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS orders
FROM sales
GROUP BY day
ORDER BY day
