-- One row: another id that one customer goes by, as the imported matches say.
-- Columns: other_id.
-- Parameters: $customer_id.
SELECT other_id FROM same_person WHERE customer_id = $customer_id ORDER BY other_id
