-- One row: a kind of id in a table, with those that their own table does not know.
-- Columns: kind (customer or product); table (orders: the lines that count; events); ids (different
--   ones); rows (lines they stand in); amount (money: line totals of those; NULL for events).
-- Parameters: none.
SELECT
    'customer' AS kind, 'orders' AS "table",
    COUNT(DISTINCT o.customer_id) AS ids, COUNT(*) AS rows,
    CAST(COALESCE(SUM(o.amount), 0) AS DECIMAL(38, 4)) AS amount
FROM order_fates AS o
LEFT JOIN customers AS c ON c.customer_id = o.customer_id
WHERE o.fate = 'analysed' AND o.customer_id IS NOT NULL AND c.customer_id IS NULL
UNION ALL
SELECT
    'product' AS kind, 'orders' AS "table",
    COUNT(DISTINCT o.product_id) AS ids, COUNT(*) AS rows,
    CAST(COALESCE(SUM(o.amount), 0) AS DECIMAL(38, 4)) AS amount
FROM order_fates AS o
LEFT JOIN products AS p ON p.product_id = o.product_id
WHERE o.fate = 'analysed' AND o.product_id IS NOT NULL AND p.product_id IS NULL
UNION ALL
SELECT
    'customer' AS kind, 'events' AS "table",
    COUNT(DISTINCT e.customer_id) AS ids, COUNT(*) AS rows, CAST(NULL AS DECIMAL(38, 4)) AS amount
FROM events AS e
LEFT JOIN customers AS c ON c.customer_id = e.customer_id
WHERE e.customer_id IS NOT NULL AND c.customer_id IS NULL
UNION ALL
SELECT
    'product' AS kind, 'events' AS "table",
    COUNT(DISTINCT e.product_id) AS ids, COUNT(*) AS rows, CAST(NULL AS DECIMAL(38, 4)) AS amount
FROM events AS e
LEFT JOIN products AS p ON p.product_id = e.product_id
WHERE e.product_id IS NOT NULL AND p.product_id IS NULL
