-- One row: a customer of one segment who has ordered.
-- Columns: recency_days; frequency (orders); monetary (money).
-- Parameters: $segment. Reads the kept table scores.
SELECT recency_days, frequency, monetary
FROM scores
WHERE segment = $segment AND recency_days IS NOT NULL
