-- One row: the days the orders span, before a day.
-- Columns: first_day; last_day (dates; NULL where there is none).
-- Parameters: $until_day (date; the first that does not count).
SELECT MIN(day) AS first_day, MAX(day) AS last_day
FROM sales
WHERE day < CAST($until_day AS DATE)
