-- One row: one import of matches, described.
-- Columns: ids (different ones in it); customers (whom they stand for, with all matches there are);
--   known_ids (of the ids: those in any order, event or customer file).
-- Parameters: $batch_id.
WITH ids AS (
    SELECT customer_id AS id FROM matches_lines WHERE batch_id = $batch_id AND reason IS NULL
    UNION
    SELECT other_id AS id FROM matches_lines WHERE batch_id = $batch_id AND reason IS NULL
), known AS (
    SELECT i.id FROM ids AS i JOIN orders_lines AS l ON l.customer_id = i.id AND l.reason IS NULL
    UNION
    SELECT i.id FROM ids AS i JOIN events_lines AS l ON l.customer_id = i.id AND l.reason IS NULL
    UNION
    SELECT i.id FROM ids AS i JOIN customers_lines AS l ON l.customer_id = i.id AND l.reason IS NULL
)
SELECT
    COUNT(*) AS ids,
    COUNT(DISTINCT COALESCE(s.customer_id, i.id)) AS customers,
    COUNT(k.id) AS known_ids
FROM ids AS i
LEFT JOIN same_person AS s ON s.other_id = i.id
LEFT JOIN known AS k ON k.id = i.id
