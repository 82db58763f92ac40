-- One row: a customer known before a campaign without a holdout, with what was known of them and what
--   they bought since, by customer_id. Whoever must not be addressed and was not is left out: no
--   campaign could have contacted them.
-- Columns: customer_id; contacted; recency_days; orders; tenure_days; revenue (money);
--   average_order_value (money); discount_order_share (0 to 1); categories; days_since_event;
--   events_30_days; events_90_days; carts_30_days; days_since_signup (features of before the start);
--   window_orders, window_revenue (money: in the period).
-- Parameters: $start (date, within), $end (date, without). Reads the kept table features and picked
--   (customer_id: who was contacted, under any of their ids).
WITH reached AS (
    SELECT DISTINCT COALESCE(s.customer_id, p.customer_id) AS customer_id
    FROM picked AS p
    LEFT JOIN same_person AS s ON s.other_id = p.customer_id
), bought AS (
    SELECT
        customer_id,
        COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS orders,
        CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue
    FROM sales
    WHERE customer_id IS NOT NULL AND day >= CAST($start AS DATE) AND day < CAST($end AS DATE)
    GROUP BY customer_id
)
SELECT
    f.customer_id, r.customer_id IS NOT NULL AS contacted,
    f.recency_days, f.orders, f.tenure_days, f.revenue, f.average_order_value,
    f.discount_order_share, f.categories, f.days_since_event, f.events_30_days, f.events_90_days,
    f.carts_30_days, f.days_since_signup,
    COALESCE(b.orders, 0) AS window_orders,
    CAST(COALESCE(b.revenue, 0) AS DECIMAL(38, 4)) AS window_revenue
FROM features AS f
LEFT JOIN reached AS r ON r.customer_id = f.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = f.customer_id
LEFT JOIN bought AS b ON b.customer_id = f.customer_id
WHERE r.customer_id IS NOT NULL OR o.customer_id IS NULL
ORDER BY f.customer_id
