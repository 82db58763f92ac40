-- One row: a cluster that has customers, by number.
-- Columns: cluster (number); name; customers.
-- Parameters: none. Reads the kept table clusters.
SELECT cluster, MAX(name) AS name, COUNT(*) AS customers
FROM clusters
GROUP BY cluster
ORDER BY cluster
