-- One row: a product recommended to a customer, by customer and rank, with how to reach them.
-- Columns: customer_id; name; email; phone (of the customer); rank (1 is best); product_id; product
--   (its name); category; price (money); score (NULL where a rule filled the place); source (method,
--   again, popular or newcomer: what named it); opted_out (true: must not be addressed).
-- Parameters: none. Reads the kept table recommendations.
SELECT
    r.customer_id, c.name, c.email, c.phone,
    r."rank", r.product_id, p.name AS product, p.category, p.price, r.score, r.source,
    o.customer_id IS NOT NULL AS opted_out
FROM recommendations AS r
LEFT JOIN customers AS c ON c.customer_id = r.customer_id
LEFT JOIN products AS p ON p.product_id = r.product_id
LEFT JOIN opted_out AS o ON o.customer_id = r.customer_id
ORDER BY r.customer_id, r."rank"
