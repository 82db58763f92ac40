-- One row: a customer with a line that counts.
-- Columns: customer_id; value (money: revenue less returns and refunds, of all time).
-- Parameters: none.
SELECT customer_id, CAST(SUM(revenue) AS DECIMAL(38, 4)) AS value
FROM sales
WHERE customer_id IS NOT NULL
GROUP BY customer_id
