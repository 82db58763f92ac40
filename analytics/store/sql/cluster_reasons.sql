-- One row: a feature of the cluster that one customer is in, the strongest first.
-- Columns: name (of the cluster); feature; label; unit; median (of the cluster); shop_median;
--   difference (of the cluster from the shop, in standard deviations).
-- Parameters: $customer_id. Reads the kept tables clusters and traits.
SELECT c.name, t.feature, t.label, t.unit, t.median, t.shop_median, t.difference
FROM clusters AS c
JOIN traits AS t ON t.cluster = c.cluster
WHERE c.customer_id = $customer_id AND c.cluster > 0
ORDER BY ABS(t.difference) DESC, t.feature
