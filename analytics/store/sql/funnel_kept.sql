-- One row: a person, or a session, that reached a step, and that step.
-- Columns: value (what it is broken down by); place (the step, from 1); hours (from the beginning).
-- Parameters: none. Reads the kept table reached.
SELECT value, place, hours FROM reached
