-- One row: a customer with all of their recommendations up to the tenth, by customer_id.
-- Columns: customer_id; name; email; phone (of the customer); product_1, product_1_id; product_2,
--   product_2_id; product_3, product_3_id; product_4, product_4_id; product_5, product_5_id;
--   product_6, product_6_id; product_7, product_7_id; product_8, product_8_id; product_9,
--   product_9_id; product_10, product_10_id (the name, or where it has none the number, and the
--   number of the product at that rank; NULL beyond the end of the list); opted_out (true: must
--   not be addressed).
-- Parameters: none. Reads the kept table recommendations.
SELECT
    r.customer_id, MAX(c.name) AS name, MAX(c.email) AS email, MAX(c.phone) AS phone,
    MAX(CASE WHEN r."rank" = 1 THEN COALESCE(p.name, r.product_id) END) AS product_1,
    MAX(CASE WHEN r."rank" = 1 THEN r.product_id END) AS product_1_id,
    MAX(CASE WHEN r."rank" = 2 THEN COALESCE(p.name, r.product_id) END) AS product_2,
    MAX(CASE WHEN r."rank" = 2 THEN r.product_id END) AS product_2_id,
    MAX(CASE WHEN r."rank" = 3 THEN COALESCE(p.name, r.product_id) END) AS product_3,
    MAX(CASE WHEN r."rank" = 3 THEN r.product_id END) AS product_3_id,
    MAX(CASE WHEN r."rank" = 4 THEN COALESCE(p.name, r.product_id) END) AS product_4,
    MAX(CASE WHEN r."rank" = 4 THEN r.product_id END) AS product_4_id,
    MAX(CASE WHEN r."rank" = 5 THEN COALESCE(p.name, r.product_id) END) AS product_5,
    MAX(CASE WHEN r."rank" = 5 THEN r.product_id END) AS product_5_id,
    MAX(CASE WHEN r."rank" = 6 THEN COALESCE(p.name, r.product_id) END) AS product_6,
    MAX(CASE WHEN r."rank" = 6 THEN r.product_id END) AS product_6_id,
    MAX(CASE WHEN r."rank" = 7 THEN COALESCE(p.name, r.product_id) END) AS product_7,
    MAX(CASE WHEN r."rank" = 7 THEN r.product_id END) AS product_7_id,
    MAX(CASE WHEN r."rank" = 8 THEN COALESCE(p.name, r.product_id) END) AS product_8,
    MAX(CASE WHEN r."rank" = 8 THEN r.product_id END) AS product_8_id,
    MAX(CASE WHEN r."rank" = 9 THEN COALESCE(p.name, r.product_id) END) AS product_9,
    MAX(CASE WHEN r."rank" = 9 THEN r.product_id END) AS product_9_id,
    MAX(CASE WHEN r."rank" = 10 THEN COALESCE(p.name, r.product_id) END) AS product_10,
    MAX(CASE WHEN r."rank" = 10 THEN r.product_id END) AS product_10_id,
    MAX(o.customer_id) IS NOT NULL AS opted_out
FROM recommendations AS r
LEFT JOIN customers AS c ON c.customer_id = r.customer_id
LEFT JOIN products AS p ON p.product_id = r.product_id
LEFT JOIN opted_out AS o ON o.customer_id = r.customer_id
GROUP BY r.customer_id
ORDER BY r.customer_id
