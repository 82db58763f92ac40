-- One row: a person of a list, with what a mailer or an ad platform can know them by, by customer_id.
-- Columns: customer_id; opted_out (true: must not be addressed); consent (true, false, or NULL where
--   it is not known); name; email; phone; city; country (all as the shop gave them); attributes
--   (JSON: further columns of the customer file); value (money the person brought; may be NULL).
-- Parameters: none. Reads the handed-in table listed (customer_id, opted_out, value).
SELECT
    l.customer_id,
    COALESCE(l.opted_out, FALSE) OR o.customer_id IS NOT NULL AS opted_out,
    c.consent, c.name, c.email, c.phone, c.city, c.country, c.attributes,
    CAST(l.value AS DECIMAL(38, 4)) AS value
FROM listed AS l
LEFT JOIN customers AS c ON c.customer_id = l.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = l.customer_id
ORDER BY l.customer_id
