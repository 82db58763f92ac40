-- One row: a customer with a session that made a move of a path.
-- Columns: customer_id; name; email; phone; city; country; sessions_with_it (sessions that made it);
--   last_day (the day of the latest of them); opted_out (true: must not be addressed).
-- Parameters: $place (which move, from 0); $event, $next_event (from where to where; NULL for the
--   latter: the session had no more). Reads the kept table moves.
SELECT
    m.customer_id, c.name, c.email, c.phone, c.city, c.country,
    m.sessions_with_it, m.last_day, o.customer_id IS NOT NULL AS opted_out
FROM (
    SELECT customer_id, COUNT(*) AS sessions_with_it, MAX(day) AS last_day
    FROM moves
    WHERE customer_id IS NOT NULL AND place = $place AND event = $event
        AND (next_event = $next_event
            OR (next_event IS NULL AND CAST($next_event AS VARCHAR) IS NULL))
    GROUP BY customer_id
) AS m
LEFT JOIN customers AS c ON c.customer_id = m.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = m.customer_id
