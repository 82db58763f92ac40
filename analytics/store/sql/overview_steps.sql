-- One row: a step of a period, such as a week, with what overview.sql says of the whole.
-- Columns: step; revenue (money); orders; customers; new_customers; returning_customers (had ordered
--   before the step); repeat_customers (at least two orders by the step's end).
-- Parameters: none. Reads the handed-in table calendar (step, day: every day of the period once).
WITH by_order AS (
    SELECT customer_id, order_id, day, SUM(revenue) AS revenue, MAX(CASE WHEN is_order THEN day END) AS order_day
    FROM sales
    GROUP BY customer_id, order_id, day
), placed AS (
    SELECT customer_id, order_id, MIN(order_day) AS order_day
    FROM by_order
    WHERE order_day IS NOT NULL
    GROUP BY customer_id, order_id
), numbered AS (
    SELECT customer_id, order_day, row_number() OVER (PARTITION BY customer_id ORDER BY order_day, order_id) AS place
    FROM placed
    WHERE customer_id IS NOT NULL
), known AS (
    SELECT customer_id, MIN(order_day) AS first_day, MIN(CASE WHEN place = 2 THEN order_day END) AS second_day
    FROM numbered
    GROUP BY customer_id
), steps AS (
    SELECT step, MIN(day) AS from_day, MAX(day) AS last_day FROM calendar GROUP BY step
), taken AS (
    SELECT c.step, SUM(o.revenue) AS revenue
    FROM by_order AS o
    JOIN calendar AS c ON c.day = o.day
    GROUP BY c.step
), ordered AS (
    SELECT c.step, COUNT(*) AS orders
    FROM (SELECT order_id, MIN(order_day) AS order_day FROM placed GROUP BY order_id) AS o
    JOIN calendar AS c ON c.day = o.order_day
    GROUP BY c.step
), counted AS (
    SELECT
        b.step,
        COUNT(*) AS customers,
        COUNT(CASE WHEN k.first_day >= s.from_day THEN 1 END) AS new_customers,
        COUNT(CASE WHEN k.first_day < s.from_day THEN 1 END) AS returning_customers,
        COUNT(CASE WHEN k.second_day <= s.last_day THEN 1 END) AS repeat_customers
    FROM (
        SELECT DISTINCT c.step, p.customer_id
        FROM placed AS p
        JOIN calendar AS c ON c.day = p.order_day
        WHERE p.customer_id IS NOT NULL
    ) AS b
    JOIN known AS k ON k.customer_id = b.customer_id
    JOIN steps AS s ON s.step = b.step
    GROUP BY b.step
)
SELECT
    s.step,
    CAST(COALESCE(t.revenue, 0) AS DECIMAL(38, 4)) AS revenue,
    COALESCE(o.orders, 0) AS orders,
    COALESCE(c.customers, 0) AS customers,
    COALESCE(c.new_customers, 0) AS new_customers,
    COALESCE(c.returning_customers, 0) AS returning_customers,
    COALESCE(c.repeat_customers, 0) AS repeat_customers
FROM steps AS s
LEFT JOIN taken AS t ON t.step = s.step
LEFT JOIN ordered AS o ON o.step = s.step
LEFT JOIN counted AS c ON c.step = s.step
ORDER BY s.step
