-- One row: a customer who got to a step of a funnel, or who got to the one before and no further.
-- Columns: customer_id; name; email; phone; city; country; last_step (the furthest step reached);
--   last_step_at (when it was first reached); hours (from the beginning to it); opted_out (true:
--   must not be addressed).
-- Parameters: $place (the step, from 1); $completed (true: who got there; false: who did not, but to
--   the step before); $value (NULL: any; else the part of the breakdown). Reads the kept table
--   reached.
WITH furthest AS (
    SELECT customer_id, MAX(place) AS place
    FROM reached
    WHERE customer_id IS NOT NULL AND (CAST($value AS VARCHAR) IS NULL OR value = $value)
    GROUP BY customer_id
), moments_of AS (
    SELECT
        r.customer_id, r.place, r.step, r.reached_at, r.hours,
        row_number() OVER (
            PARTITION BY r.customer_id ORDER BY r.reached_at, r.hours, r.session, r.value
        ) AS number
    FROM reached AS r
    JOIN furthest AS f ON f.customer_id = r.customer_id AND f.place = r.place
    WHERE CAST($value AS VARCHAR) IS NULL OR r.value = $value
)
SELECT
    m.customer_id, c.name, c.email, c.phone, c.city, c.country,
    m.step AS last_step, m.reached_at AS last_step_at, m.hours,
    o.customer_id IS NOT NULL AS opted_out
FROM moments_of AS m
LEFT JOIN customers AS c ON c.customer_id = m.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = m.customer_id
WHERE m.number = 1
    AND (($completed AND m.place >= $place) OR (NOT $completed AND m.place = $place - 1))
