-- One row: a day of a part of the shop on which anything that counts was sold or returned.
-- Columns: series (the part: a category, brand, channel, country or product_id; total; not given
--   where the data do not say); day; revenue (money, less returns and refunds); units (returned ones
--   taken off; NULL where the files do not say); orders (placed that day, with a line of the part:
--   an order belongs to the day of its first line).
-- Parameters: $by (total, category, brand, channel, country or product), $until_day (date; the first
--   that does not count).
WITH parted AS (
    SELECT
        s.order_id, s.day, s.revenue, s.quantity, s.is_order,
        CASE
            WHEN $by = 'total' THEN 'total'
            WHEN $by = 'category' THEN COALESCE(p.category, 'not given')
            WHEN $by = 'brand' THEN COALESCE(p.brand, 'not given')
            WHEN $by = 'channel' THEN COALESCE(s.channel, 'not given')
            WHEN $by = 'country' THEN COALESCE(s.country, 'not given')
            ELSE COALESCE(s.product_id, 'not given')
        END AS series
    FROM sales AS s
    LEFT JOIN products AS p ON $by IN ('category', 'brand') AND p.product_id = s.product_id
    WHERE s.day < CAST($until_day AS DATE)
), by_order AS (
    SELECT
        order_id, series, day,
        SUM(revenue) AS revenue, SUM(quantity) AS units,
        MAX(CASE WHEN is_order THEN day END) AS order_day
    FROM parted
    GROUP BY order_id, series, day
), taken AS (
    SELECT series, day, SUM(revenue) AS revenue, SUM(units) AS units
    FROM by_order
    GROUP BY series, day
), placed AS (
    SELECT order_id, MIN(order_day) AS day FROM by_order WHERE order_day IS NOT NULL GROUP BY order_id
), ordered AS (
    SELECT b.series, d.day, COUNT(DISTINCT b.order_id) AS orders
    FROM by_order AS b
    JOIN placed AS d ON d.order_id = b.order_id
    WHERE b.order_day IS NOT NULL
    GROUP BY b.series, d.day
)
SELECT
    COALESCE(t.series, o.series) AS series,
    COALESCE(t.day, o.day) AS day,
    CAST(COALESCE(t.revenue, 0) AS DECIMAL(38, 4)) AS revenue,
    CAST(t.units AS DECIMAL(38, 4)) AS units,
    COALESCE(o.orders, 0) AS orders
FROM taken AS t
FULL JOIN ordered AS o ON o.series = t.series AND o.day = t.day
ORDER BY COALESCE(t.series, o.series), COALESCE(t.day, o.day)
