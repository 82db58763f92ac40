-- One row: the name of an uploaded list of customer numbers, sorted.
-- Columns: name.
-- Parameters: none.
SELECT DISTINCT name
FROM id_lists
ORDER BY name
