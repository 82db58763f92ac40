-- One row: an action, and whether it is that of customers still on a visit.
-- Columns: action; is_here (true: of those who were still on a visit when the log ended); customers;
--   millionths (the sum of the probabilities that they do it next, in millionths).
-- Parameters: none. Reads the kept table next_actions.
SELECT
    action, NOT away AS is_here, COUNT(*) AS customers,
    CAST(SUM(CAST(round(probability * 1000000) AS BIGINT)) AS BIGINT) AS millionths
FROM next_actions
GROUP BY action, away
ORDER BY action, is_here
