-- One row: an item, and how much those who bought it for the first time bought in the days after;
--   or, without an item, all days of orders and how much was bought in the days after.
-- Columns: item (number; NULL: any); richness (step of how many items were bought in the days
--   after, -1 for none); windows (customers who bought the item first; without an item, days of
--   customers' orders); lines (items bought in the days after, in all of these).
-- Parameters: $within_days; $last_day (date; the last that has so many days after it). Reads the
--   handed table baskets (customer, day, item: numbers).
WITH bought AS (
    SELECT DISTINCT customer, day, item FROM baskets
),
dates AS (
    SELECT DISTINCT customer, day FROM bought WHERE day <= CAST($last_day AS DATE)
),
windows AS (
    SELECT d.customer, d.day, COUNT(DISTINCT b.item) AS bought_after
    FROM dates AS d
    LEFT JOIN bought AS b
        ON b.customer = d.customer AND date_diff('day', d.day, b.day) BETWEEN 1 AND $within_days
    GROUP BY d.customer, d.day
),
firsts AS (
    SELECT customer, item, MIN(day) AS day FROM bought GROUP BY customer, item
),
every AS (
    SELECT f.item, w.bought_after
    FROM firsts AS f
    INNER JOIN windows AS w ON w.customer = f.customer AND w.day = f.day
    UNION ALL
    SELECT CAST(NULL AS BIGINT) AS item, bought_after FROM windows
)
SELECT
    item,
    CASE
        WHEN bought_after = 0 THEN -1 ELSE CAST(FLOOR(4 * LN(bought_after)) AS BIGINT)
    END AS richness,
    COUNT(*) AS windows,
    CAST(SUM(bought_after) AS BIGINT) AS lines
FROM every
GROUP BY
    item,
    CASE WHEN bought_after = 0 THEN -1 ELSE CAST(FLOOR(4 * LN(bought_after)) AS BIGINT) END
ORDER BY item NULLS FIRST, richness
