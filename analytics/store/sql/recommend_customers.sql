-- One row: a customer known before the as-of day, by customer_id.
-- Columns: customer_id; baskets (orders; purchase events where the store has no orders of known
--   customers).
-- Parameters: $as_of (date; only what happened before it counts).
WITH sold AS (
    SELECT COUNT(*) AS orders FROM sales WHERE customer_id IS NOT NULL
), seen AS (
    SELECT customer_id, COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS baskets
    FROM sales
    WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
    GROUP BY customer_id
    UNION ALL
    SELECT
        e.customer_id,
        COUNT(DISTINCT CASE WHEN e.event = 'purchase' AND s.orders = 0 THEN e.occurred_at END)
            AS baskets
    FROM events AS e
    CROSS JOIN sold AS s
    WHERE e.customer_id IS NOT NULL AND e.day < CAST($as_of AS DATE)
    GROUP BY e.customer_id
    UNION ALL
    SELECT customer_id, 0 AS baskets
    FROM customers
    WHERE signed_up_at IS NULL OR CAST(signed_up_at AS DATE) < CAST($as_of AS DATE)
)
SELECT customer_id, CAST(SUM(baskets) AS BIGINT) AS baskets
FROM seen
GROUP BY customer_id
ORDER BY customer_id
