-- One row: a customer with a line that counts in the period.
-- Columns: customer_id; revenue (money, exact: less returns and refunds).
-- Parameters: $start (date, within), $end (date, without).
SELECT customer_id, CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue
FROM sales
WHERE customer_id IS NOT NULL AND day >= CAST($start AS DATE) AND day < CAST($end AS DATE)
GROUP BY customer_id
ORDER BY customer_id
