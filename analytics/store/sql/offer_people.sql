-- One row: a customer number of a file of offers, by given_id.
-- Columns: given_id; customer_id (the one number that stands for the person); known (whether the shop
--   has a row of them); opted_out (true: must not be addressed).
-- Parameters: none. Reads the small table picked (customer_id, each once) and the kept table features.
SELECT
    p.customer_id AS given_id,
    COALESCE(s.customer_id, p.customer_id) AS customer_id,
    f.customer_id IS NOT NULL AS known,
    o.customer_id IS NOT NULL AS opted_out
FROM picked AS p
LEFT JOIN same_person AS s ON s.other_id = p.customer_id
LEFT JOIN features AS f ON f.customer_id = COALESCE(s.customer_id, p.customer_id)
LEFT JOIN opted_out AS o ON o.customer_id = p.customer_id
ORDER BY p.customer_id
