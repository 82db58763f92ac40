-- One row: two items of which enough customers bought the second soon after they first bought the
--   first.
-- Columns: item_1, item_2 (numbers); customers; days (from the first purchase of item_1 to the next
--   of item_2, summed over these customers).
-- Parameters: $within_days; $last_day (date; the last that has so many days after it); $least
--   (customers). Reads the handed table baskets (customer, day, item: numbers).
WITH bought AS (
    SELECT DISTINCT customer, day, item FROM baskets
),
firsts AS (
    SELECT customer, item, MIN(day) AS day FROM bought
    GROUP BY customer, item
    HAVING MIN(day) <= CAST($last_day AS DATE)
),
followed AS (
    SELECT
        f.item AS item_1, b.item AS item_2, f.customer,
        MIN(date_diff('day', f.day, b.day)) AS days
    FROM firsts AS f
    INNER JOIN bought AS b
        ON b.customer = f.customer AND b.item <> f.item
        AND date_diff('day', f.day, b.day) BETWEEN 1 AND $within_days
    GROUP BY f.item, b.item, f.customer
)
SELECT item_1, item_2, COUNT(*) AS customers, CAST(SUM(days) AS BIGINT) AS days
FROM followed
GROUP BY item_1, item_2
HAVING COUNT(*) >= $least
