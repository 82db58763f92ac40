-- One row: an uploaded list of customer numbers, by name.
-- Columns: name; customers (different numbers in it); known (how many of them the shop knows from
--   orders, events or customer files).
-- Parameters: none.
WITH known AS (
    SELECT customer_id FROM customers
    UNION
    SELECT customer_id FROM sales
    UNION
    SELECT customer_id FROM events
)
SELECT l.name, COUNT(*) AS customers, COUNT(k.customer_id) AS known
FROM (SELECT DISTINCT name, customer_id FROM id_lists) AS l
LEFT JOIN same_person AS s ON s.other_id = l.customer_id
LEFT JOIN known AS k ON k.customer_id = COALESCE(s.customer_id, l.customer_id)
GROUP BY l.name
ORDER BY l.name
