-- One row: a record of any import that says one customer has another id, by import.
-- Columns: file_name; batch_id; record_no (line of the file); customer_id (the id to keep); other_id;
--   used (false: another import has it too, or the record cannot be read); reason (why it is not
--   used); raw (the record as it came).
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT
    b.file_name, m.batch_id, m.record_no, m.customer_id, m.other_id, m."current" AS used, m.reason,
    m.raw
FROM matches_lines AS m
LEFT JOIN batches AS b ON b.batch_id = m.batch_id
WHERE m.customer_id IN (SELECT customer_id FROM ids) OR m.other_id IN (SELECT customer_id FROM ids)
ORDER BY m.batch_id, m.record_no
