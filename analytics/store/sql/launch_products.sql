-- One row: a product of the catalogue or of the orders, as of a day; what nobody bought yet first,
--   then the newest.
-- Columns: product_id; name; category; brand (each NULL: not known); price (money: the catalogue's,
--   else the mean paid for one on its first day); launched_on (by the catalogue; NULL: not known);
--   first_day (of its first order; NULL: none yet); buyers (customers who bought it).
-- Parameters: $as_of (date; only orders before it count). Purchase events count only where the store
--   has no orders of known customers, since there they are the same purchases again.
WITH sold AS (
    SELECT COUNT(*) AS orders FROM sales WHERE customer_id IS NOT NULL
), bought AS (
    SELECT product_id, customer_id, day, revenue, quantity
    FROM sales
    WHERE product_id IS NOT NULL AND is_order AND day < CAST($as_of AS DATE)
    UNION ALL
    SELECT
        e.product_id, e.customer_id, e.day,
        CAST(NULL AS DECIMAL(18, 4)) AS revenue, NULL AS quantity
    FROM events AS e
    CROSS JOIN sold AS s
    WHERE e.product_id IS NOT NULL AND e.event = 'purchase' AND s.orders = 0
        AND e.day < CAST($as_of AS DATE)
), firsts AS (
    SELECT product_id, MIN(day) AS first_day, COUNT(DISTINCT customer_id) AS buyers
    FROM bought
    GROUP BY product_id
), opening AS (
    SELECT b.product_id, SUM(b.revenue) AS revenue, SUM(b.quantity) AS pieces
    FROM bought AS b
    JOIN firsts AS f ON f.product_id = b.product_id AND f.first_day = b.day
    WHERE b.quantity > 0
    GROUP BY b.product_id
), known AS (
    SELECT product_id FROM products
    UNION
    SELECT product_id FROM firsts
)
SELECT
    k.product_id, p.name, p.category, p.brand,
    CAST(COALESCE(p.price, CAST(o.revenue AS DOUBLE) / NULLIF(o.pieces, 0)) AS DECIMAL(18, 4))
        AS price,
    CAST(p.launched_at AS DATE) AS launched_on,
    f.first_day,
    COALESCE(f.buyers, 0) AS buyers
FROM known AS k
LEFT JOIN products AS p ON p.product_id = k.product_id
LEFT JOIN firsts AS f ON f.product_id = k.product_id
LEFT JOIN opening AS o ON o.product_id = k.product_id
ORDER BY f.first_day DESC NULLS FIRST, launched_on DESC NULLS LAST, k.product_id
