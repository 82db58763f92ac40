-- One row: a day with an order line that counts.
-- Columns: day; lines (order lines of that day; returns are none); reduced_lines (of them: with a
--   coupon or a discount).
-- Parameters: $until_day (date; the first that does not count).
SELECT
    day,
    COUNT(*) AS lines,
    COUNT(CASE WHEN coupon IS NOT NULL OR discount > 0 THEN 1 END) AS reduced_lines
FROM sales
WHERE is_order AND day < CAST($until_day AS DATE)
GROUP BY day
ORDER BY day
