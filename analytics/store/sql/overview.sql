-- One row: the shop in one period.
-- Columns: revenue (money), identified_revenue, guest_revenue (money); earlier_customers_revenue
--   (money, of customers who had ordered before the period); orders (placed in the period: an order
--   belongs to the day of its first line); customers (with an order placed in the period);
--   new_customers (of them: had never ordered before); returning_customers (of them: had ordered
--   before); repeat_customers (of them: at least two orders by the period's end); lines.
-- Parameters: $from_day, $until_day (dates; the first counts, the last does not).
WITH by_order AS (
    SELECT
        customer_id, order_id, day,
        SUM(revenue) AS revenue,
        MAX(CASE WHEN is_order THEN day END) AS order_day,
        COUNT(*) AS lines
    FROM sales
    GROUP BY customer_id, order_id, day
), placed AS (
    SELECT customer_id, order_id, MIN(order_day) AS order_day
    FROM by_order
    WHERE order_day IS NOT NULL
    GROUP BY customer_id, order_id
), buyers AS (
    SELECT
        customer_id,
        MIN(order_day) AS first_day,
        COUNT(CASE WHEN order_day >= CAST($from_day AS DATE) AND order_day < CAST($until_day AS DATE) THEN 1 END) AS orders,
        COUNT(CASE WHEN order_day < CAST($until_day AS DATE) THEN 1 END) AS orders_so_far
    FROM placed
    WHERE customer_id IS NOT NULL
    GROUP BY customer_id
), taken AS (
    SELECT
        CAST(COALESCE(SUM(o.revenue), 0) AS DECIMAL(38, 4)) AS revenue,
        CAST(COALESCE(SUM(CASE WHEN o.customer_id IS NOT NULL THEN o.revenue END), 0) AS DECIMAL(38, 4)) AS identified_revenue,
        CAST(COALESCE(SUM(CASE WHEN o.customer_id IS NULL THEN o.revenue END), 0) AS DECIMAL(38, 4)) AS guest_revenue,
        CAST(COALESCE(SUM(CASE WHEN b.first_day < CAST($from_day AS DATE) THEN o.revenue END), 0) AS DECIMAL(38, 4)) AS earlier_customers_revenue,
        CAST(COALESCE(SUM(o.lines), 0) AS BIGINT) AS lines
    FROM by_order AS o
    LEFT JOIN buyers AS b ON b.customer_id = o.customer_id
    WHERE o.day >= CAST($from_day AS DATE) AND o.day < CAST($until_day AS DATE)
), ordered AS (
    SELECT COUNT(*) AS orders
    FROM (SELECT order_id, MIN(order_day) AS order_day FROM placed GROUP BY order_id) AS o
    WHERE order_day >= CAST($from_day AS DATE) AND order_day < CAST($until_day AS DATE)
), counted AS (
    SELECT
        COUNT(*) AS customers,
        COUNT(CASE WHEN first_day >= CAST($from_day AS DATE) THEN 1 END) AS new_customers,
        COUNT(CASE WHEN first_day < CAST($from_day AS DATE) THEN 1 END) AS returning_customers,
        COUNT(CASE WHEN orders_so_far >= 2 THEN 1 END) AS repeat_customers
    FROM buyers
    WHERE orders > 0
)
SELECT
    t.revenue, t.identified_revenue, t.guest_revenue, t.earlier_customers_revenue, o.orders,
    c.customers, c.new_customers, c.returning_customers, c.repeat_customers, t.lines
FROM taken AS t
CROSS JOIN ordered AS o
CROSS JOIN counted AS c
