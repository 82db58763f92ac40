-- One row: a customer with recommendations, with what decides whether a round may take them in, by
--   customer_id.
-- Columns: customer_id; opted_out (true: must not be addressed); email, phone (in small letters without
--   blanks around them).
-- Parameters: none. Reads the kept table recommendations.
WITH listed AS (
    SELECT DISTINCT customer_id FROM recommendations
)
SELECT
    l.customer_id, o.customer_id IS NOT NULL AS opted_out,
    NULLIF(LOWER(TRIM(c.email)), '') AS email, NULLIF(LOWER(TRIM(c.phone)), '') AS phone
FROM listed AS l
LEFT JOIN customers AS c ON c.customer_id = l.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = l.customer_id
ORDER BY l.customer_id
