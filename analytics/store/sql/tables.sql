-- One row: a table of the shop.
-- Columns: table; rows (that count, all imports together); first_day, last_day (dates; NULL where
--   rows carry no date).
-- Parameters: none.
SELECT 'orders' AS "table", COUNT(*) AS rows, MIN(day) AS first_day, MAX(day) AS last_day FROM orders
UNION ALL
SELECT 'events' AS "table", COUNT(*) AS rows, MIN(day) AS first_day, MAX(day) AS last_day FROM events
UNION ALL
SELECT 'customers' AS "table", COUNT(*) AS rows, CAST(NULL AS DATE) AS first_day, CAST(NULL AS DATE) AS last_day FROM customers
UNION ALL
SELECT 'products' AS "table", COUNT(*) AS rows, CAST(NULL AS DATE) AS first_day, CAST(NULL AS DATE) AS last_day FROM products
UNION ALL
SELECT 'assignments' AS "table", COUNT(*) AS rows, MIN(day) AS first_day, MAX(day) AS last_day FROM assignments
UNION ALL
SELECT 'spend' AS "table", COUNT(*) AS rows, MIN(day) AS first_day, MAX(day) AS last_day FROM spend
UNION ALL
SELECT 'stock_levels' AS "table", COUNT(*) AS rows, MIN(day) AS first_day, MAX(day) AS last_day FROM stock_levels
UNION ALL
SELECT 'matches' AS "table", COUNT(*) AS rows, CAST(NULL AS DATE) AS first_day, CAST(NULL AS DATE) AS last_day FROM matches
