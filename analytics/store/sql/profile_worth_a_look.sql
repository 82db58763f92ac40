-- One row: a customer worth a look, by reason and place: of those who may be addressed, the ones
--   with most revenue, and the ones with most revenue who are overdue, which is when more than
--   twice their usual days between orders have passed since their last.
-- Columns: reason (revenue or overdue); place (1 is first); customer_id; name; revenue (money);
--   orders; recency_days; mean_gap_days.
-- Parameters: $limit (most rows a reason). Reads the kept table features.
WITH addressable AS (
    SELECT
        f.customer_id, c.name, f.revenue, f.orders, f.recency_days, f.mean_gap_days,
        COALESCE(f.orders >= 3 AND f.recency_days > 2 * f.mean_gap_days, FALSE) AS overdue
    FROM features AS f
    LEFT JOIN customers AS c ON c.customer_id = f.customer_id
    LEFT JOIN opted_out AS o ON o.customer_id = f.customer_id
    WHERE o.customer_id IS NULL AND f.orders > 0
), placed AS (
    SELECT
        'revenue' AS reason, customer_id, name, revenue, orders, recency_days, mean_gap_days,
        row_number() OVER (ORDER BY revenue DESC, customer_id) AS place
    FROM addressable
    UNION ALL
    SELECT
        'overdue' AS reason, customer_id, name, revenue, orders, recency_days, mean_gap_days,
        row_number() OVER (ORDER BY revenue DESC, customer_id) AS place
    FROM addressable
    WHERE overdue
)
SELECT reason, place, customer_id, name, revenue, orders, recency_days, mean_gap_days
FROM placed
WHERE place <= $limit
ORDER BY reason, place
