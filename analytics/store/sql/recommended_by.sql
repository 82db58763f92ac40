-- One row: the method that made a kept table of recommendations.
-- Columns: method; label (the same in words); verdict (why this method).
-- Parameters: none. Reads the kept table recommended_by.
SELECT method, label, verdict
FROM recommended_by
