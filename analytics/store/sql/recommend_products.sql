-- One row: a product known before the as-of day, by product_id: somebody bought or looked at it, or
--   it was launched before that day.
-- Columns: product_id; name; category; brand (each NULL: not known); price (money: the catalogue's,
--   else the mean paid for one); cost (money); stock (pieces; NULL: not known).
-- Parameters: $as_of (date; only what happened before it counts).
WITH paid AS (
    SELECT
        product_id,
        SUM(CASE WHEN is_order AND quantity > 0 THEN revenue END) AS revenue,
        SUM(CASE WHEN is_order AND quantity > 0 THEN quantity END) AS pieces
    FROM sales
    WHERE product_id IS NOT NULL AND day < CAST($as_of AS DATE)
    GROUP BY product_id
), known AS (
    SELECT product_id FROM paid
    UNION
    SELECT product_id FROM events WHERE product_id IS NOT NULL AND day < CAST($as_of AS DATE)
    UNION
    SELECT product_id FROM products WHERE CAST(launched_at AS DATE) < CAST($as_of AS DATE)
)
SELECT
    k.product_id, p.name, p.category, p.brand,
    CAST(COALESCE(p.price, CAST(m.revenue AS DOUBLE) / NULLIF(m.pieces, 0)) AS DECIMAL(18, 4))
        AS price,
    p.cost, p.stock
FROM known AS k
LEFT JOIN products AS p ON p.product_id = k.product_id
LEFT JOIN paid AS m ON m.product_id = k.product_id
ORDER BY k.product_id
