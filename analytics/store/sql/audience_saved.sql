-- One row: a saved audience, by name.
-- Columns: name; rule (its text); saved_at.
-- Parameters: none.
SELECT name, rule, saved_at
FROM audiences
ORDER BY name
