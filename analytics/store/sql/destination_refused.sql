-- One row: a customer with an e-mail address or a phone who has not agreed to be addressed.
-- Columns: email; phone; country (as the shop gave them); opted_out (true: asked not to be
--   addressed; false: nothing is known).
-- Parameters: none.
SELECT c.email, c.phone, c.country, o.customer_id IS NOT NULL AS opted_out
FROM customers AS c
LEFT JOIN opted_out AS o ON o.customer_id = c.customer_id
WHERE (c.email IS NOT NULL OR c.phone IS NOT NULL)
    AND (o.customer_id IS NOT NULL OR c.consent IS NULL)
