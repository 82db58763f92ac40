-- One row: an uploaded list of people that one customer is on.
-- Columns: name (of the list); customer_id.
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT name, customer_id
FROM id_lists
WHERE customer_id IN (SELECT customer_id FROM ids)
ORDER BY name
