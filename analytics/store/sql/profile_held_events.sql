-- One row: an event of one customer in any import, by import.
-- Columns: file_name; batch_id; record_no (line of the file); customer_id; session_id; occurred_at;
--   event; product_id; product; channel; campaign; value (money); used (false: another import has it
--   too, or the record cannot be read); reason (why it is not used); raw (the record as it came).
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT
    b.file_name, e.batch_id, e.record_no, e.customer_id, e.session_id, e.occurred_at, e.event,
    e.product_id, p.name AS product, e.channel, e.campaign, e.value, e."current" AS used, e.reason,
    e.raw
FROM events_lines AS e
LEFT JOIN batches AS b ON b.batch_id = e.batch_id
LEFT JOIN products AS p ON p.product_id = e.product_id
WHERE e.customer_id IN (SELECT customer_id FROM ids)
ORDER BY e.batch_id, e.record_no
