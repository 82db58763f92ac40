-- One row: one of the likeliest customers who may be addressed, the likeliest first.
-- Columns: place (1: the likeliest of all); probability (0 to 1).
-- Parameters: $limit (how many). Reads the kept table predictions.
SELECT p.place, p.probability
FROM predictions AS p
LEFT JOIN opted_out AS o ON o.customer_id = p.customer_id
WHERE o.customer_id IS NULL
ORDER BY p.place
LIMIT $limit
