-- One row: a pair of scores that occurs.
-- Columns: r; fm (scores, 1 is worst); customers; revenue (money).
-- Parameters: none. Reads the kept table scores.
SELECT r, fm, COUNT(*) AS customers, CAST(SUM(monetary) AS DECIMAL(38, 4)) AS revenue
FROM scores
WHERE r IS NOT NULL
GROUP BY r, fm
ORDER BY r, fm
