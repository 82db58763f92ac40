-- One row: a cluster.
-- Columns: cluster (number; -1: in none); customers; orders; revenue (money, exact).
-- Parameters: none. Reads the kept tables clusters and features.
SELECT
    c.cluster,
    COUNT(*) AS customers,
    CAST(SUM(f.orders) AS BIGINT) AS orders,
    CAST(SUM(f.revenue) AS DECIMAL(38, 4)) AS revenue
FROM clusters AS c
JOIN features AS f ON f.customer_id = c.customer_id
GROUP BY c.cluster
ORDER BY c.cluster
