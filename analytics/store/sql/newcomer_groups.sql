-- One row: a customer of whom the shop knows where they live or their gender, by customer_id.
-- Columns: customer_id; country; gender (each NULL: not known).
-- Parameters: none.
SELECT customer_id, country, gender
FROM customers
WHERE customer_id IS NOT NULL AND (country IS NOT NULL OR gender IS NOT NULL)
ORDER BY customer_id
