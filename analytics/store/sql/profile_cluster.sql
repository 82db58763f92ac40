-- One row: the cluster of one customer; none where they are in none.
-- Columns: cluster; name; confidence (0 to 1).
-- Parameters: $customer_id. Reads the kept table clusters.
SELECT cluster, name, confidence FROM clusters WHERE customer_id = $customer_id
