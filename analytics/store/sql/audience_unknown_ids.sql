-- One row: a customer number that the shop does not know from orders, events or customer files,
--   sorted.
-- Columns: customer_id.
-- Parameters: none. Reads the table picked (customer_id).
WITH known AS (
    SELECT customer_id FROM customers
    UNION
    SELECT customer_id FROM sales
    UNION
    SELECT customer_id FROM events
)
SELECT p.customer_id
FROM picked AS p
LEFT JOIN same_person AS s ON s.other_id = p.customer_id
LEFT JOIN known AS k ON k.customer_id = COALESCE(s.customer_id, p.customer_id)
WHERE k.customer_id IS NULL
ORDER BY p.customer_id
