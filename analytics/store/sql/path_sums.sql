-- One row: a move of a path, from one kind of event to the next.
-- Columns: place (0 for the move from the anchor); event; next_event (NULL: the session has no
--   more); sessions (that made it).
-- Parameters: none. Reads the kept table moves.
SELECT place, event, next_event, COUNT(*) AS sessions
FROM moves
GROUP BY place, event, next_event
ORDER BY place, sessions DESC, event, next_event NULLS LAST
