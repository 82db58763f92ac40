-- One row: an id of somebody who must not be addressed; whoever refuses under one id, under each.
-- Columns: customer_id.
-- Parameters: none. This text is the view opted_out.
WITH refused AS (
    SELECT COALESCE(s.customer_id, p.customer_id) AS customer_id
    FROM suppressed AS p
    LEFT JOIN same_person AS s ON s.other_id = p.customer_id
    UNION
    SELECT customer_id FROM customers WHERE consent = FALSE
)
SELECT customer_id FROM refused
UNION
SELECT s.other_id AS customer_id
FROM same_person AS s
JOIN refused AS r ON r.customer_id = s.customer_id
