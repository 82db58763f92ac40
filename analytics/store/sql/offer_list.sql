-- One row: a customer with the offer chosen for them, and how to reach them.
-- Columns: customer_id; name; email; phone; city; country; offer; expected_margin, cost (money);
--   revenue (money they have brought); opted_out (true: must not be addressed).
-- Parameters: none. Reads the kept tables chosen (customer_id, offer, expected_margin, cost) and
--   features.
SELECT
    c.customer_id, p.name, p.email, p.phone, f.city, f.country, c.offer,
    CAST(c.expected_margin AS DECIMAL(18, 2)) AS expected_margin,
    CAST(c.cost AS DECIMAL(18, 2)) AS cost,
    CAST(COALESCE(f.revenue, 0) AS DECIMAL(38, 4)) AS revenue,
    o.customer_id IS NOT NULL AS opted_out
FROM chosen AS c
LEFT JOIN features AS f ON f.customer_id = c.customer_id
LEFT JOIN customers AS p ON p.customer_id = c.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = c.customer_id
