-- One row: a category, product or channel in a period or in the one before; beyond the limit, all
--   others together.
-- Columns: step (0 the period, 1 the one before); place (by revenue in the period; NULL: all
--   others); part (NULL: not given, or all others); name (of a product, where it is known); parts
--   (how many the row holds); revenue (money); orders (placed in the period, with a line of the
--   part); units (returned ones taken off; NULL where the files do not say).
-- Parameters: $by (category, product or channel), $limit (how many rows before the others; NULL:
--   all). Reads the handed-in table calendar (step, day).
WITH by_order AS (
    SELECT
        s.order_id, s.day,
        CASE WHEN $by = 'channel' THEN s.channel WHEN $by = 'product' THEN s.product_id ELSE p.category END AS part,
        SUM(s.revenue) AS revenue,
        SUM(s.quantity) AS units,
        MAX(CASE WHEN s.is_order THEN s.day END) AS order_day
    FROM sales AS s
    LEFT JOIN products AS p ON $by = 'category' AND p.product_id = s.product_id
    GROUP BY s.order_id, s.day, CASE WHEN $by = 'channel' THEN s.channel WHEN $by = 'product' THEN s.product_id ELSE p.category END
), taken AS (
    SELECT c.step, o.part, SUM(o.revenue) AS revenue, SUM(o.units) AS units
    FROM by_order AS o
    JOIN calendar AS c ON c.day = o.day
    GROUP BY c.step, o.part
), summed AS (
    SELECT part, SUM(CASE WHEN step = 0 THEN revenue ELSE 0 END) AS revenue
    FROM taken
    GROUP BY part
), placed AS (
    SELECT part, row_number() OVER (ORDER BY revenue DESC, part NULLS LAST) AS place
    FROM summed
), shown AS (
    SELECT
        part,
        CASE WHEN CAST($limit AS BIGINT) IS NULL OR place <= CAST($limit AS BIGINT) THEN place END AS place
    FROM placed
), ordered AS (
    SELECT c.step, h.place, COUNT(DISTINCT o.order_id) AS orders
    FROM by_order AS o
    JOIN (SELECT order_id, MIN(order_day) AS day FROM by_order GROUP BY order_id) AS d ON d.order_id = o.order_id
    JOIN calendar AS c ON c.day = d.day
    JOIN shown AS h ON h.part IS NOT DISTINCT FROM o.part
    WHERE o.order_day IS NOT NULL
    GROUP BY c.step, h.place
)
SELECT
    t.step, h.place,
    MIN(CASE WHEN h.place IS NOT NULL THEN t.part END) AS part,
    MIN(CASE WHEN h.place IS NOT NULL AND $by = 'product' THEN p.name END) AS name,
    COUNT(*) AS parts,
    CAST(SUM(t.revenue) AS DECIMAL(38, 4)) AS revenue,
    COALESCE(MAX(o.orders), 0) AS orders,
    CAST(SUM(t.units) AS DECIMAL(38, 4)) AS units
FROM taken AS t
JOIN shown AS h ON h.part IS NOT DISTINCT FROM t.part
LEFT JOIN ordered AS o ON o.step = t.step AND o.place IS NOT DISTINCT FROM h.place
LEFT JOIN products AS p ON p.product_id = t.part
GROUP BY t.step, h.place
ORDER BY t.step, h.place NULLS LAST
