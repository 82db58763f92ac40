-- One row: a reason for which one customer is left out of every list.
-- Columns: customer_id; reason.
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT customer_id, reason
FROM suppressed
WHERE customer_id IN (SELECT customer_id FROM ids)
ORDER BY reason
