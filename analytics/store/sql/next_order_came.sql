-- One row: a customer who ordered in a window of days, by customer_id.
-- Columns: customer_id; left_days (from the window's first day to their first order in it; 0: on that
--   day).
-- Parameters: $from_day (date, the first that counts); $until_day (date, the first that does not).
SELECT
    customer_id,
    date_diff('day', CAST($from_day AS DATE), MIN(day)) AS left_days
FROM sales
WHERE is_order AND customer_id IS NOT NULL
    AND day >= CAST($from_day AS DATE) AND day < CAST($until_day AS DATE)
GROUP BY customer_id
ORDER BY customer_id
