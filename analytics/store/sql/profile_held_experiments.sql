-- One row: a record of any import that puts one customer into an experiment, by import.
-- Columns: file_name; batch_id; record_no (line of the file); experiment; customer_id; variant;
--   assigned_at; used (false: another import has it too, or the record cannot be read); reason (why
--   it is not used); raw (the record as it came).
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT
    b.file_name, a.batch_id, a.record_no, a.experiment, a.customer_id, a.variant, a.assigned_at,
    a."current" AS used, a.reason, a.raw
FROM assignments_lines AS a
LEFT JOIN batches AS b ON b.batch_id = a.batch_id
WHERE a.customer_id IN (SELECT customer_id FROM ids)
ORDER BY a.batch_id, a.record_no
