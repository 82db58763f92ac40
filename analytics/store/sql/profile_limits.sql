-- One row: a score of one measure, with the values of the customers who have it.
-- Columns: measure (recency_days, frequency or monetary); score (1 is worst); lowest; highest
--   (days, orders or money); customers.
-- Parameters: none. Reads the kept table scores.
SELECT
    'recency_days' AS measure, r AS score,
    CAST(MIN(recency_days) AS DECIMAL(38, 4)) AS lowest,
    CAST(MAX(recency_days) AS DECIMAL(38, 4)) AS highest,
    COUNT(*) AS customers
FROM scores
WHERE r IS NOT NULL
GROUP BY r
UNION ALL
SELECT
    'frequency' AS measure, f AS score,
    CAST(MIN(frequency) AS DECIMAL(38, 4)) AS lowest,
    CAST(MAX(frequency) AS DECIMAL(38, 4)) AS highest,
    COUNT(*) AS customers
FROM scores
WHERE f IS NOT NULL
GROUP BY f
UNION ALL
SELECT
    'monetary' AS measure, m AS score,
    CAST(MIN(monetary) AS DECIMAL(38, 4)) AS lowest,
    CAST(MAX(monetary) AS DECIMAL(38, 4)) AS highest,
    COUNT(*) AS customers
FROM scores
WHERE m IS NOT NULL
GROUP BY m
ORDER BY measure, score
