-- One row: a customer with an order or an event before the as-of day, by customer_id.
-- Columns: customer_id; orders_30_days, orders_90_days, orders_365_days; revenue_30_days,
--   revenue_90_days, revenue_365_days (money); of the category or product alone, or of everything
--   where none is named: wanted_orders, wanted_orders_30_days, wanted_orders_90_days,
--   wanted_recency_days (NULL without one), wanted_events_30_days, wanted_events_90_days.
-- Parameters: $as_of (date; nothing on or after it counts); $category, $product_id (each NULL: any).
WITH wanted AS (
    SELECT product_id
    FROM products
    WHERE CAST($category AS VARCHAR) IS NULL OR category = $category
), lines AS (
    SELECT
        s.customer_id, s.order_id, s.revenue, s.is_order,
        date_diff('day', s.day, CAST($as_of AS DATE)) AS days_ago,
        CASE WHEN (CAST($category AS VARCHAR) IS NULL OR w.product_id IS NOT NULL)
            AND (CAST($product_id AS VARCHAR) IS NULL OR s.product_id = $product_id)
            THEN 1 ELSE 0 END AS is_wanted
    FROM sales AS s
    LEFT JOIN wanted AS w ON w.product_id = s.product_id
    WHERE s.customer_id IS NOT NULL AND s.day < CAST($as_of AS DATE)
), money AS (
    SELECT
        customer_id,
        CAST(SUM(CASE WHEN days_ago <= 30 THEN revenue ELSE 0 END) AS DECIMAL(38, 4)) AS revenue_30_days,
        CAST(SUM(CASE WHEN days_ago <= 90 THEN revenue ELSE 0 END) AS DECIMAL(38, 4)) AS revenue_90_days,
        CAST(SUM(CASE WHEN days_ago <= 365 THEN revenue ELSE 0 END) AS DECIMAL(38, 4)) AS revenue_365_days
    FROM lines
    GROUP BY customer_id
), placed AS (
    SELECT
        customer_id, order_id, MIN(days_ago) AS days_ago, MAX(is_wanted) AS is_wanted
    FROM lines
    WHERE is_order
    GROUP BY customer_id, order_id
), counts AS (
    SELECT
        customer_id,
        COUNT(CASE WHEN days_ago <= 30 THEN 1 END) AS orders_30_days,
        COUNT(CASE WHEN days_ago <= 90 THEN 1 END) AS orders_90_days,
        COUNT(CASE WHEN days_ago <= 365 THEN 1 END) AS orders_365_days,
        COUNT(CASE WHEN is_wanted = 1 THEN 1 END) AS wanted_orders,
        COUNT(CASE WHEN is_wanted = 1 AND days_ago <= 30 THEN 1 END) AS wanted_orders_30_days,
        COUNT(CASE WHEN is_wanted = 1 AND days_ago <= 90 THEN 1 END) AS wanted_orders_90_days,
        MIN(CASE WHEN is_wanted = 1 THEN days_ago END) AS wanted_recency_days
    FROM placed
    GROUP BY customer_id
), seen AS (
    SELECT
        e.customer_id,
        COUNT(CASE WHEN date_diff('day', e.day, CAST($as_of AS DATE)) <= 30 THEN 1 END)
            AS wanted_events_30_days,
        COUNT(CASE WHEN date_diff('day', e.day, CAST($as_of AS DATE)) <= 90 THEN 1 END)
            AS wanted_events_90_days
    FROM events AS e
    LEFT JOIN wanted AS w ON w.product_id = e.product_id
    WHERE e.customer_id IS NOT NULL AND e.day < CAST($as_of AS DATE)
        AND (CAST($category AS VARCHAR) IS NULL OR w.product_id IS NOT NULL)
        AND (CAST($product_id AS VARCHAR) IS NULL OR e.product_id = $product_id)
    GROUP BY e.customer_id
), known AS (
    SELECT customer_id FROM money
    UNION
    SELECT customer_id FROM events WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
)
SELECT
    k.customer_id,
    COALESCE(c.orders_30_days, 0) AS orders_30_days,
    COALESCE(c.orders_90_days, 0) AS orders_90_days,
    COALESCE(c.orders_365_days, 0) AS orders_365_days,
    CAST(COALESCE(m.revenue_30_days, 0) AS DECIMAL(38, 4)) AS revenue_30_days,
    CAST(COALESCE(m.revenue_90_days, 0) AS DECIMAL(38, 4)) AS revenue_90_days,
    CAST(COALESCE(m.revenue_365_days, 0) AS DECIMAL(38, 4)) AS revenue_365_days,
    COALESCE(c.wanted_orders, 0) AS wanted_orders,
    COALESCE(c.wanted_orders_30_days, 0) AS wanted_orders_30_days,
    COALESCE(c.wanted_orders_90_days, 0) AS wanted_orders_90_days,
    c.wanted_recency_days,
    COALESCE(s.wanted_events_30_days, 0) AS wanted_events_30_days,
    COALESCE(s.wanted_events_90_days, 0) AS wanted_events_90_days
FROM known AS k
LEFT JOIN money AS m ON m.customer_id = k.customer_id
LEFT JOIN counts AS c ON c.customer_id = k.customer_id
LEFT JOIN seen AS s ON s.customer_id = k.customer_id
ORDER BY k.customer_id
