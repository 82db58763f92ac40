-- One row: a side of a stratum of a campaign, with what its people bought in a period.
-- Columns: stratum; treated (false: held out); customers (everybody, also who bought nothing);
--   both_sides (of them, people put on both sides under two ids); buyers; orders; squared_orders
--   (sum over customers of their orders squared); revenue (money); squared_revenue (sum over customers
--   of their revenue squared, exact).
-- Parameters: $campaign_id, $start (date, within), $end (date, without).
WITH bought AS (
    SELECT
        customer_id,
        COUNT(DISTINCT CASE WHEN is_order THEN order_id END) AS orders,
        CAST(SUM(revenue) AS DECIMAL(18, 4)) AS revenue
    FROM sales
    WHERE customer_id IS NOT NULL AND day >= CAST($start AS DATE) AND day < CAST($end AS DATE)
    GROUP BY customer_id
)
SELECT
    p.stratum, p.treated,
    COUNT(*) AS customers,
    COUNT(CASE WHEN p.on_both_sides THEN 1 END) AS both_sides,
    COUNT(CASE WHEN b.orders > 0 THEN 1 END) AS buyers,
    CAST(COALESCE(SUM(b.orders), 0) AS BIGINT) AS orders,
    CAST(COALESCE(SUM(b.orders * b.orders), 0) AS BIGINT) AS squared_orders,
    CAST(COALESCE(SUM(b.revenue), 0) AS DECIMAL(38, 4)) AS revenue,
    CAST(COALESCE(SUM(CAST(b.revenue AS DECIMAL(19, 4)) * b.revenue), 0) AS DECIMAL(38, 8)) AS squared_revenue
FROM campaign_people AS p
LEFT JOIN bought AS b ON b.customer_id = p.customer_id
WHERE p.campaign_id = $campaign_id
GROUP BY p.stratum, p.treated
ORDER BY p.stratum, p.treated
