-- One row: days on which a product was out of stock.
-- Columns: product_id; first_day, last_day (dates, both within); by_hand (whether it was marked; else
--   a file of stock levels says that nothing was left that day, and nothing was ordered on it).
-- Parameters: none.
WITH left_over AS (
    SELECT product_id, day, SUM(stock) AS stock FROM stock_levels GROUP BY product_id, day
), ordered AS (
    SELECT DISTINCT product_id, day FROM sales WHERE is_order AND product_id IS NOT NULL
)
SELECT product_id, first_day, last_day, TRUE AS by_hand
FROM stock_outs
UNION ALL
SELECT l.product_id, l.day AS first_day, l.day AS last_day, FALSE AS by_hand
FROM left_over AS l
LEFT JOIN ordered AS o ON o.product_id = l.product_id AND o.day = l.day
WHERE l.stock <= 0 AND o.day IS NULL
ORDER BY product_id, first_day
