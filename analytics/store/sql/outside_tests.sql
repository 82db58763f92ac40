-- One row: a saved test that was run elsewhere.
-- Columns: name; arms (JSON: what it counted); saved_at.
-- Parameters: none.
SELECT name, arms, saved_at FROM outside_tests ORDER BY name
