-- One row: a customer to tell about a new product, the likeliest buyer first.
-- Columns: customer_id; name; email; phone (of the customer); rank (1 is best); score; why;
--   opted_out (true: must not be addressed).
-- Parameters: none. Reads the kept table launch.
SELECT
    l.customer_id, c.name, c.email, c.phone, l."rank", l.score, l.reason AS why,
    o.customer_id IS NOT NULL AS opted_out
FROM launch AS l
LEFT JOIN customers AS c ON c.customer_id = l.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = l.customer_id
ORDER BY l."rank"
