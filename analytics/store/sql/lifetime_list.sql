-- One row: a customer, what they brought, and what is expected of them, with how to reach them.
-- Columns: customer_id; name; email; phone; city; country; first_order_day; last_order_day;
--   orders_so_far (days with an order); spent_so_far (money of their orders); still_customer_share
--   (the chance that they have not left for good, 0 to 1; NULL where a rule foresees);
--   expected_orders, expected_revenue (money), and the range of nine cases in ten: orders_at_least,
--   orders_at_most, revenue_at_least, revenue_at_most; opted_out (true: must not be addressed).
-- Parameters: $days (how far ahead: 30, 90 or 365), $still (true: rather with the shop still than
--   not; false: rather gone; NULL: any). Reads the kept table worth.
SELECT
    w.customer_id, c.name, c.email, c.phone, c.city, c.country,
    w.first_order_day, w.last_order_day, w.orders_so_far, w.spent_so_far, w.still_customer_share,
    CASE WHEN $days = 30 THEN w.orders_next_30_days WHEN $days = 90 THEN w.orders_next_90_days ELSE w.orders_next_365_days END AS expected_orders,
    CASE WHEN $days = 30 THEN w.orders_next_30_days_at_least WHEN $days = 90 THEN w.orders_next_90_days_at_least ELSE w.orders_next_365_days_at_least END AS orders_at_least,
    CASE WHEN $days = 30 THEN w.orders_next_30_days_at_most WHEN $days = 90 THEN w.orders_next_90_days_at_most ELSE w.orders_next_365_days_at_most END AS orders_at_most,
    CASE WHEN $days = 30 THEN w.revenue_next_30_days WHEN $days = 90 THEN w.revenue_next_90_days ELSE w.revenue_next_365_days END AS expected_revenue,
    CASE WHEN $days = 30 THEN w.revenue_next_30_days_at_least WHEN $days = 90 THEN w.revenue_next_90_days_at_least ELSE w.revenue_next_365_days_at_least END AS revenue_at_least,
    CASE WHEN $days = 30 THEN w.revenue_next_30_days_at_most WHEN $days = 90 THEN w.revenue_next_90_days_at_most ELSE w.revenue_next_365_days_at_most END AS revenue_at_most,
    o.customer_id IS NOT NULL AS opted_out
FROM worth AS w
LEFT JOIN customers AS c ON c.customer_id = w.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = w.customer_id
WHERE CAST($still AS BOOLEAN) IS NULL OR (w.still_customer_share >= 0.5) = $still
