-- One row: a good customer who is overdue by their own rhythm, with how to reach them.
-- Columns: customer_id; name; email; phone; city; country; wait_days (since their last order);
--   expected_gap_days (their usual gap); overdue_times (how many of those they have waited);
--   last_order_day; next_order_day (the likeliest, where they order in the days ahead); lo_day, hi_day
--   (8 of 10 between); chance_share (that they do, 0 to 1); orders; revenue (money); usual_order
--   (money: revenue of an order); segment; opted_out (true: must not be addressed).
-- Parameters: $overdue_times (waited at least so many usual gaps); $shorter_share (and so many of their
--   gaps are shorter, 0 to 1); $chance_share (with a smaller chance they count as lapsed); $good
--   (segments: the best two fifths by frequency and value; revenue: at least $least_revenue; all).
--   Reads the kept tables next_orders and scores.
SELECT
    n.customer_id, c.name, c.email, c.phone, c.city, c.country, n.wait_days,
    ROUND(n.expected_gap_days, 1) AS expected_gap_days,
    ROUND(n.overdue_times, 1) AS overdue_times,
    n.last_order_day, n.next_order_day, n.lo_day, n.hi_day, n.chance_share, n.orders, n.revenue,
    CAST(CAST(n.revenue AS DOUBLE) / NULLIF(n.orders, 0) AS DECIMAL(18, 2)) AS usual_order,
    s.segment, o.customer_id IS NOT NULL AS opted_out
FROM next_orders AS n
LEFT JOIN scores AS s ON s.customer_id = n.customer_id
LEFT JOIN customers AS c ON c.customer_id = n.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = n.customer_id
WHERE n.gaps > 0 AND n.overdue_times >= $overdue_times AND n.shorter_share >= $shorter_share
    AND n.chance_share >= $chance_share
    AND ($good = 'all' OR ($good = 'segments' AND s.fm >= 4)
        OR ($good = 'revenue' AND n.revenue >= $least_revenue))
