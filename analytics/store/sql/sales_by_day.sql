-- One row: a day on which something counted.
-- Columns: day; revenue (money); orders (each on the first of its days, so that they add up to the
--   orders of the period); customers (with an order that day).
-- Parameters: $from_day, $until_day (dates; the first counts, the last does not).
SELECT
    s.day,
    CAST(SUM(s.revenue) AS DECIMAL(38, 4)) AS revenue,
    COUNT(DISTINCT CASE WHEN s.is_order AND s.day = o.first_day THEN s.order_id END) AS orders,
    COUNT(DISTINCT CASE WHEN s.is_order THEN s.customer_id END) AS customers
FROM sales AS s
LEFT JOIN (
    SELECT order_id, MIN(day) AS first_day
    FROM sales
    WHERE is_order AND day >= CAST($from_day AS DATE) AND day < CAST($until_day AS DATE)
    GROUP BY order_id
) AS o ON o.order_id = s.order_id
WHERE s.day >= CAST($from_day AS DATE) AND s.day < CAST($until_day AS DATE)
GROUP BY s.day
ORDER BY s.day
