-- One row: an item, and in how many cases it was bought in the days after any order.
-- Columns: item (number); richness (step of how many items were bought in the days after);
--   windows (days of customers' orders after which it was bought).
-- Parameters: $within_days; $last_day (date; the last that has so many days after it). Reads the
--   handed table baskets (customer, day, item: numbers).
WITH bought AS (
    SELECT DISTINCT customer, day, item FROM baskets
),
dates AS (
    SELECT DISTINCT customer, day FROM bought WHERE day <= CAST($last_day AS DATE)
),
followed AS (
    SELECT DISTINCT d.customer, d.day, b.item
    FROM dates AS d
    INNER JOIN bought AS b
        ON b.customer = d.customer AND date_diff('day', d.day, b.day) BETWEEN 1 AND $within_days
),
windows AS (
    SELECT customer, day, COUNT(*) AS bought_after FROM followed GROUP BY customer, day
)
SELECT
    f.item, CAST(FLOOR(4 * LN(w.bought_after)) AS BIGINT) AS richness, COUNT(*) AS windows
FROM followed AS f
INNER JOIN windows AS w ON w.customer = f.customer AND w.day = f.day
GROUP BY f.item, CAST(FLOOR(4 * LN(w.bought_after)) AS BIGINT)
