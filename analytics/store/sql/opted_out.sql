-- One row: a customer who must not be addressed.
-- Columns: customer_id.
-- Parameters: none. This text is the view opted_out.
SELECT customer_id FROM suppressed
UNION
SELECT customer_id FROM customers WHERE consent = FALSE
