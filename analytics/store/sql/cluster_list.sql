-- One row: a customer of a cluster, or one picked on the map, with how to reach them.
-- Columns: customer_id; name; email; phone; city; country; recency_days; orders; revenue (money);
--   cluster (number); cluster_name; confidence (0 to 1); opted_out (true: must not be addressed).
-- Parameters: $cluster (NULL: any). Reads the kept tables clusters and features, and picked (the
--   customers to list; for a whole cluster the clusters themselves).
SELECT
    k.customer_id, c.name, c.email, c.phone, c.city, c.country,
    f.recency_days, f.orders, f.revenue,
    k.cluster, k.name AS cluster_name, k.confidence,
    o.customer_id IS NOT NULL AS opted_out
FROM clusters AS k
JOIN picked AS p ON p.customer_id = k.customer_id
JOIN features AS f ON f.customer_id = k.customer_id
LEFT JOIN customers AS c ON c.customer_id = k.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = k.customer_id
WHERE CAST($cluster AS BIGINT) IS NULL OR k.cluster = $cluster
