-- One row: a product and a day on which it was ordered.
-- Columns: product_id; day; units (ordered; returned ones do not take away, and a line that does not
--   say counts as one); revenue (money, less what was refunded on these lines).
-- Parameters: $until_day (date; the first that does not count).
SELECT
    product_id, day,
    SUM(COALESCE(quantity, 1)) AS units,
    CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue
FROM sales
WHERE is_order AND product_id IS NOT NULL AND COALESCE(quantity, 1) > 0
    AND day < CAST($until_day AS DATE)
GROUP BY product_id, day
ORDER BY product_id, day
