-- One row: one customer, with what the store holds of them in all.
-- Columns: customer_id; name; email; phone; signed_up_at; birth_date; age (years); gender; city;
--   country; consent; attributes (JSON); suppressed_because; opted_out (true: must not be addressed);
--   records (rows of any import).
-- Parameters: $customer_id.
WITH wanted AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
), ids AS (
    SELECT customer_id FROM wanted
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
), held AS (
    SELECT COUNT(*) AS records FROM (
        SELECT customer_id FROM orders_lines
        UNION ALL
        SELECT customer_id FROM events_lines
        UNION ALL
        SELECT customer_id FROM customers_lines
        UNION ALL
        SELECT customer_id FROM assignments_lines
        UNION ALL
        SELECT customer_id FROM suppressed
        UNION ALL
        SELECT customer_id FROM id_lists
        UNION ALL
        SELECT customer_id FROM campaign_members
        UNION ALL
        SELECT customer_id FROM feedback
        UNION ALL
        SELECT customer_id FROM round_members
    ) AS every_record
    WHERE customer_id IN (SELECT customer_id FROM ids)
), asked AS (
    SELECT MIN(reason) AS reason
    FROM suppressed
    WHERE customer_id IN (SELECT customer_id FROM ids)
)
SELECT
    w.customer_id, c.name, c.email, c.phone, c.signed_up_at, c.birth_date, c.age, c.gender, c.city,
    c.country, c.consent, c.attributes, a.reason AS suppressed_because,
    o.customer_id IS NOT NULL AS opted_out, h.records
FROM wanted AS w
CROSS JOIN held AS h
CROSS JOIN asked AS a
LEFT JOIN customers AS c ON c.customer_id = w.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = w.customer_id
