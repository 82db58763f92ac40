-- One row: an import, oldest first.
-- Columns: batch_id; table_name; file_name; sha256; choices (JSON: how it was read); origin (upload
--   or sample); imported_at; records (of the file, header left out); rejected, added, updated,
--   known (records); rounded (records whose money had more than four decimals).
-- Parameters: none.
SELECT
    batch_id, table_name, file_name, sha256, choices, origin, imported_at, records, rejected, added,
    updated, known, rounded
FROM batches
ORDER BY batch_id
