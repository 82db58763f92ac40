-- One row: a side of a round of recommendations, with what its people bought of what was recommended
--   to each of them, whether it was shown to them or not.
-- Columns: shown (false: left out); customers (everybody, also who bought nothing); both_sides (of
--   them, people put on both sides under two ids); buyers (who bought at least one such product);
--   products (such products bought, each once a customer); squared_products (sum over customers of
--   their number squared); revenue (money from them, less what was returned); squared_revenue (sum
--   over customers of theirs squared, exact).
-- Parameters: $round_id, $start (date, within), $end (date, without).
WITH offered AS (
    SELECT DISTINCT p.customer_id, l.product_id
    FROM round_people AS p
    JOIN round_lists AS l ON l.round_id = p.round_id AND l.customer_id = p.drawn_id
    WHERE p.round_id = $round_id
), bought AS (
    SELECT
        s.customer_id, s.product_id, MAX(CASE WHEN s.is_order THEN 1 ELSE 0 END) AS products,
        SUM(s.revenue) AS revenue
    FROM sales AS s
    JOIN offered AS o ON o.customer_id = s.customer_id AND o.product_id = s.product_id
    WHERE s.day >= CAST($start AS DATE) AND s.day < CAST($end AS DATE)
    GROUP BY s.customer_id, s.product_id
), sums AS (
    SELECT
        customer_id, SUM(products) AS products,
        CAST(SUM(CASE WHEN products = 1 THEN revenue ELSE 0 END) AS DECIMAL(18, 4)) AS revenue
    FROM bought
    GROUP BY customer_id
)
SELECT
    p.shown,
    COUNT(*) AS customers,
    COUNT(CASE WHEN p.on_both_sides THEN 1 END) AS both_sides,
    COUNT(CASE WHEN b.products > 0 THEN 1 END) AS buyers,
    CAST(COALESCE(SUM(b.products), 0) AS BIGINT) AS products,
    CAST(COALESCE(SUM(b.products * b.products), 0) AS BIGINT) AS squared_products,
    CAST(COALESCE(SUM(b.revenue), 0) AS DECIMAL(38, 4)) AS revenue,
    CAST(COALESCE(SUM(CAST(b.revenue AS DECIMAL(19, 4)) * b.revenue), 0) AS DECIMAL(38, 8))
        AS squared_revenue
FROM round_people AS p
LEFT JOIN sums AS b ON b.customer_id = p.customer_id
WHERE p.round_id = $round_id
GROUP BY p.shown
ORDER BY p.shown
