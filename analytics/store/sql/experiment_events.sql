-- One row: a kind of event of known customers.
-- Columns: event; events (how many); with_value (how many of them carry a value).
-- Parameters: none.
SELECT event, COUNT(*) AS events, COUNT(value) AS with_value
FROM events
WHERE customer_id IS NOT NULL
GROUP BY event
ORDER BY event
