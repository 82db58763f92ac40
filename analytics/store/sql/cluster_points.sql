-- One row: a clustered customer's place on the map.
-- Columns: customer_id; cluster (number; -1: in none); name (of the cluster); confidence (0 to 1);
--   x, y (places along the map's axes).
-- Parameters: none. Reads the kept table clusters.
SELECT customer_id, cluster, name, confidence, x, y FROM clusters ORDER BY customer_id
