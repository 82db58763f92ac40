-- One row: a product that was ordered before a day.
-- Columns: product_id; name, category (NULL: not known); cost (money a unit; NULL: not known);
--   orders; units; revenue (money, of the units).
-- Parameters: $from_day (date; NULL: from the first order on), $until_day (date; not included).
SELECT
    s.product_id, MIN(p.name) AS name, MIN(p.category) AS category, MIN(p.cost) AS cost,
    COUNT(DISTINCT s.order_id) AS orders,
    CAST(SUM(CASE WHEN s.quantity > 0 THEN s.quantity END) AS DECIMAL(38, 4)) AS units,
    CAST(SUM(CASE WHEN s.quantity > 0 THEN s.revenue END) AS DECIMAL(38, 4)) AS revenue
FROM sales AS s
LEFT JOIN products AS p ON p.product_id = s.product_id
WHERE s.is_order AND s.product_id IS NOT NULL
    AND (CAST($from_day AS DATE) IS NULL OR s.day >= CAST($from_day AS DATE))
    AND s.day < CAST($until_day AS DATE)
GROUP BY s.product_id
ORDER BY s.product_id
