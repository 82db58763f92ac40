-- One row: a customer in a period in which they did anything, and in the period they started in.
-- Columns: customer_id; start_day; cohort (number of the period they started in: months as
--   year × 12 + month - 1, weeks from Monday 5 January 1970, days from 1 January 1970); part (of
--   their first order: product, category, channel or discount; NULL: not known, or not asked for);
--   period (how many periods after the start); came (1 if they came back, or started, in it); orders
--   (placed in it); revenue (money of all that counts in it, from the start day on).
-- Parameters: $as_of (date; only what happened before it counts), $begins (first_order, first_event
--   or signed_up), $every (day, week or month), $counts (what coming is: orders; lines: any line that
--   counts, returns too; events), $by (none, product, category, channel or discount).
WITH lines AS (
    SELECT customer_id, order_id, day, product_id, channel, revenue, is_order,
        CASE WHEN discount > 0 OR coupon IS NOT NULL THEN 1 ELSE 0 END AS reduced
    FROM sales
    WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
), placed AS (
    SELECT customer_id, order_id, MIN(day) AS day
    FROM lines
    WHERE is_order
    GROUP BY customer_id, order_id
), seen AS (
    SELECT customer_id, day
    FROM events
    WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
        AND ($begins = 'first_event' OR $counts = 'events')
), starts AS (
    SELECT customer_id, MIN(day) AS start_day
    FROM (
        SELECT customer_id, day FROM placed WHERE $begins = 'first_order' AND $counts <> 'lines'
        UNION ALL
        SELECT customer_id, day FROM lines WHERE $begins = 'first_order' AND $counts = 'lines'
        UNION ALL
        SELECT customer_id, day FROM seen WHERE $begins = 'first_event'
        UNION ALL
        SELECT customer_id, CAST(signed_up_at AS DATE) AS day
        FROM customers
        WHERE $begins = 'signed_up' AND CAST(signed_up_at AS DATE) < CAST($as_of AS DATE)
    ) AS moments
    GROUP BY customer_id
), firsts AS (
    SELECT customer_id, order_id
    FROM (
        SELECT customer_id, order_id,
            row_number() OVER (PARTITION BY customer_id ORDER BY day, order_id) AS place
        FROM placed
    ) AS numbered
    WHERE place = 1 AND $by <> 'none'
), first_products AS (
    SELECT l.customer_id, l.product_id, SUM(l.revenue) AS worth, MIN(l.channel) AS channel, MAX(l.reduced) AS reduced
    FROM lines AS l
    JOIN firsts AS f ON f.customer_id = l.customer_id AND f.order_id = l.order_id
    WHERE l.is_order
    GROUP BY l.customer_id, l.product_id
), ranked AS (
    SELECT customer_id, product_id,
        MIN(channel) OVER (PARTITION BY customer_id) AS channel,
        MAX(reduced) OVER (PARTITION BY customer_id) AS reduced,
        row_number() OVER (PARTITION BY customer_id ORDER BY worth DESC, product_id NULLS LAST) AS place
    FROM first_products
), parts AS (
    SELECT r.customer_id,
        CASE
            WHEN $by = 'product' THEN COALESCE(p.name, r.product_id)
            WHEN $by = 'category' THEN p.category
            WHEN $by = 'channel' THEN r.channel
            WHEN r.reduced = 1 THEN 'With a discount'
            ELSE 'Without a discount'
        END AS part
    FROM ranked AS r
    LEFT JOIN products AS p ON p.product_id = r.product_id
    WHERE r.place = 1
), done AS (
    SELECT customer_id, start_day AS day, CASE WHEN $begins = 'first_order' THEN 1 ELSE 0 END AS came, 0 AS orders,
        CAST(0 AS DECIMAL(18, 4)) AS revenue
    FROM starts
    UNION ALL
    SELECT customer_id, day, CASE WHEN $counts = 'orders' THEN 1 ELSE 0 END AS came, 1 AS orders,
        CAST(0 AS DECIMAL(18, 4)) AS revenue
    FROM placed
    UNION ALL
    SELECT customer_id, day, CASE WHEN $counts = 'lines' THEN 1 ELSE 0 END AS came, 0 AS orders, revenue
    FROM lines
    UNION ALL
    SELECT customer_id, day, 1 AS came, 0 AS orders, CAST(0 AS DECIMAL(18, 4)) AS revenue
    FROM seen
    WHERE $counts = 'events'
), numbered AS (
    SELECT d.customer_id, s.start_day, d.came, d.orders, d.revenue,
        CASE
            WHEN $every = 'month' THEN extract(year FROM s.start_day) * 12 + extract(month FROM s.start_day) - 1
            WHEN $every = 'week' THEN CAST(floor(CAST(date_diff('day', CAST('1970-01-05' AS DATE), s.start_day) AS DOUBLE) / 7) AS BIGINT)
            ELSE date_diff('day', CAST('1970-01-01' AS DATE), s.start_day)
        END AS cohort,
        CASE
            WHEN $every = 'month' THEN extract(year FROM d.day) * 12 + extract(month FROM d.day) - 1
            WHEN $every = 'week' THEN CAST(floor(CAST(date_diff('day', CAST('1970-01-05' AS DATE), d.day) AS DOUBLE) / 7) AS BIGINT)
            ELSE date_diff('day', CAST('1970-01-01' AS DATE), d.day)
        END AS step
    FROM done AS d
    JOIN starts AS s ON s.customer_id = d.customer_id
    WHERE d.day >= s.start_day
)
SELECT
    n.customer_id, n.start_day, n.cohort,
    MIN(p.part) AS part,
    n.step - n.cohort AS period,
    MAX(n.came) AS came,
    CAST(SUM(n.orders) AS BIGINT) AS orders,
    CAST(SUM(n.revenue) AS DECIMAL(38, 4)) AS revenue
FROM numbered AS n
LEFT JOIN parts AS p ON p.customer_id = n.customer_id
GROUP BY n.customer_id, n.start_day, n.cohort, n.step
