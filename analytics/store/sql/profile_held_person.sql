-- One row: a record of any import that tells of one customer, by import.
-- Columns: file_name; batch_id; record_no (line of the file); customer_id; email; phone; name;
--   signed_up_at; birth_date; age (years); gender; city; country; consent; attributes (JSON); reason
--   (why it is not used); raw (the record as it came).
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT
    b.file_name, c.batch_id, c.record_no, c.customer_id, c.email, c.phone, c.name, c.signed_up_at,
    c.birth_date, c.age, c.gender, c.city, c.country, c.consent, c.attributes, c.reason, c.raw
FROM customers_lines AS c
LEFT JOIN batches AS b ON b.batch_id = c.batch_id
WHERE c.customer_id IN (SELECT customer_id FROM ids)
ORDER BY c.batch_id, c.record_no
