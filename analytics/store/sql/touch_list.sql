-- One row: a customer with an order whose last touch before it was a channel, or a campaign.
-- Columns: customer_id; name; email; phone; city; country; orders (such orders); revenue (money of
--   these); first_orders (of these, their first order ever: 0 or 1); opted_out (true: must not be
--   addressed).
-- Parameters: $channel, $campaign (NULL: any). Reads the kept table touched.
SELECT
    t.customer_id, c.name, c.email, c.phone, c.city, c.country, t.orders, t.revenue,
    t.first_orders, o.customer_id IS NOT NULL AS opted_out
FROM (
    SELECT
        customer_id, COUNT(*) AS orders, CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue,
        COUNT(CASE WHEN is_new THEN 1 END) AS first_orders
    FROM touched
    WHERE customer_id IS NOT NULL AND touches > 0 AND place = touches
        AND (CAST($channel AS VARCHAR) IS NULL OR channel = $channel)
        AND (CAST($campaign AS VARCHAR) IS NULL OR campaign = $campaign)
    GROUP BY customer_id
) AS t
LEFT JOIN customers AS c ON c.customer_id = t.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = t.customer_id
