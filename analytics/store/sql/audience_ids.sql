-- One row: a customer number of an uploaded list, sorted.
-- Columns: customer_id.
-- Parameters: $list_name (the list).
SELECT customer_id
FROM id_lists
WHERE name = $list_name
ORDER BY customer_id
