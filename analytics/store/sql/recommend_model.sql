-- One row: a piece of a part of what a method has learnt, in the order of its bytes.
-- Columns: place (from 0); content (at most 3,840 bytes).
-- Parameters: $part (which). Reads the kept table recommend_model.
SELECT place, content
FROM recommend_model
WHERE part = $part
ORDER BY place
