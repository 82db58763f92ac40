-- One row: a value of one measure within one segment, for medians.
-- Columns: segment; measure (recency_days or frequency); value; customers.
-- Parameters: none. Reads the kept table scores.
SELECT segment, 'recency_days' AS measure, recency_days AS value, COUNT(*) AS customers
FROM scores WHERE recency_days IS NOT NULL GROUP BY segment, recency_days
UNION ALL
SELECT segment, 'frequency' AS measure, frequency AS value, COUNT(*) AS customers
FROM scores WHERE recency_days IS NOT NULL GROUP BY segment, frequency
