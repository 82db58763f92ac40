-- One row: an experiment, if there is one of that name.
-- Columns: first_day, last_day (dates of its assignments).
-- Parameters: $experiment.
SELECT MIN(day) AS first_day, MAX(day) AS last_day
FROM assignments
WHERE experiment = $experiment AND customer_id IS NOT NULL
HAVING COUNT(*) > 0
