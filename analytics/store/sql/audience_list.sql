-- One row: a customer of an audience, with how to reach them.
-- Columns: customer_id; name; email; phone; city; country; revenue (money); orders; recency_days
--   (days since the last order); segment; opted_out (true: must not be addressed).
-- Parameters: none. Reads the kept tables members (customer_id, segment) and features.
SELECT
    m.customer_id, c.name, c.email, c.phone, f.city, f.country, f.revenue, f.orders,
    f.recency_days, m.segment, o.customer_id IS NOT NULL AS opted_out
FROM members AS m
LEFT JOIN features AS f ON f.customer_id = m.customer_id
LEFT JOIN customers AS c ON c.customer_id = m.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = m.customer_id
