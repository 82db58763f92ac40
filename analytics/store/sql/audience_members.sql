-- One row: a customer of an audience, by customer_id.
-- Columns: customer_id; segment (NULL where there are no scores).
-- Parameters: none. Reads members (customer_id) and scores (customer_id, segment).
SELECT m.customer_id, s.segment
FROM members AS m
LEFT JOIN scores AS s ON s.customer_id = m.customer_id
ORDER BY m.customer_id
