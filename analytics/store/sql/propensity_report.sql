-- One row: how a fit did, all of it in one text.
-- Columns: content (JSON).
-- Parameters: none. Reads the kept table report.
SELECT content FROM report
