-- One row: a customer with an order, with what clusters may be made of.
-- Columns: customer_id; then customer features as numbers (see analytics/profile/catalogue.py):
--   recency_days, orders, tenure_days, mean_gap_days, revenue, average_order_value,
--   discount_order_share, refund_share, items_per_order, products, categories,
--   favourite_category_share, store_orders, online_orders, weekend_order_share,
--   evening_order_share, events_30_days, events_90_days, views_90_days, carts_90_days,
--   sessions_90_days, mean_session_minutes, age_years, days_since_signup.
-- Parameters: none. Reads the kept table features.
SELECT
    customer_id,
    CAST(recency_days AS DOUBLE) AS recency_days,
    CAST(orders AS DOUBLE) AS orders,
    CAST(tenure_days AS DOUBLE) AS tenure_days,
    CAST(mean_gap_days AS DOUBLE) AS mean_gap_days,
    CAST(revenue AS DOUBLE) AS revenue,
    CAST(average_order_value AS DOUBLE) AS average_order_value,
    CAST(discount_order_share AS DOUBLE) AS discount_order_share,
    CAST(refund_share AS DOUBLE) AS refund_share,
    CAST(items_per_order AS DOUBLE) AS items_per_order,
    CAST(products AS DOUBLE) AS products,
    CAST(categories AS DOUBLE) AS categories,
    CAST(favourite_category_share AS DOUBLE) AS favourite_category_share,
    CAST(store_orders AS DOUBLE) AS store_orders,
    CAST(online_orders AS DOUBLE) AS online_orders,
    CAST(weekend_order_share AS DOUBLE) AS weekend_order_share,
    CAST(evening_order_share AS DOUBLE) AS evening_order_share,
    CAST(events_30_days AS DOUBLE) AS events_30_days,
    CAST(events_90_days AS DOUBLE) AS events_90_days,
    CAST(views_90_days AS DOUBLE) AS views_90_days,
    CAST(carts_90_days AS DOUBLE) AS carts_90_days,
    CAST(sessions_90_days AS DOUBLE) AS sessions_90_days,
    CAST(mean_session_minutes AS DOUBLE) AS mean_session_minutes,
    CAST(age_years AS DOUBLE) AS age_years,
    CAST(days_since_signup AS DOUBLE) AS days_since_signup
FROM features
WHERE orders > 0
ORDER BY customer_id
