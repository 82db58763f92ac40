-- One row: what a channel or campaign cost.
-- Columns: part (its name; NULL: unknown); cost (money).
-- Parameters: $by (channel or campaign); $from_day, $until_day (dates or NULL).
SELECT part, CAST(SUM(cost) AS DECIMAL(38, 4)) AS cost
FROM (
    SELECT CASE $by WHEN 'channel' THEN channel ELSE campaign END AS part, cost
    FROM spend
    WHERE (CAST($from_day AS DATE) IS NULL OR day >= CAST($from_day AS DATE))
        AND (CAST($until_day AS DATE) IS NULL OR day < CAST($until_day AS DATE))
) AS spent
GROUP BY part
ORDER BY part NULLS LAST
