-- One row: a customer who bought one or two items, ever, but never another, with how to reach them.
-- Columns: customer_id; name; email; phone; city; country; orders_with (orders with any of the
--   items); last_bought_day (of any of them); orders (all that say what was bought); opted_out
--   (true: must not be addressed).
-- Parameters: $item_1; $item_2 (NULL: only one); $without (the item never bought). Reads the kept
--   table lines (basket_id, customer_id, day, item).
WITH marked AS (
    SELECT
        customer_id, basket_id, day, item,
        item = $item_1 OR COALESCE(item = $item_2, FALSE) AS is_asked,
        item = $without AS is_other
    FROM lines
    WHERE customer_id IS NOT NULL
),
found AS (
    SELECT
        customer_id,
        COUNT(DISTINCT CASE WHEN is_asked THEN basket_id END) AS orders_with,
        MAX(CASE WHEN is_asked THEN day END) AS last_bought_day,
        COUNT(DISTINCT basket_id) AS orders
    FROM marked
    GROUP BY customer_id
    HAVING COUNT(DISTINCT CASE WHEN is_asked THEN item END)
        = CASE WHEN CAST($item_2 AS VARCHAR) IS NULL THEN 1 ELSE 2 END
        AND COUNT(CASE WHEN is_other THEN 1 END) = 0
)
SELECT
    f.customer_id, c.name, c.email, c.phone, c.city, c.country,
    f.orders_with, f.last_bought_day, f.orders,
    o.customer_id IS NOT NULL AS opted_out
FROM found AS f
LEFT JOIN customers AS c ON c.customer_id = f.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = f.customer_id
