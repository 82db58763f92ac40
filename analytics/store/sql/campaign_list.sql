-- One row: a customer whom a campaign contacts, with what a message to them may say. Whoever is held
--   out is not among them.
-- Columns: customer_id; name; email; phone; city; country; segment (at the launch);
--   favourite_category; often_bought_product (the product with most of their order lines before the
--   start; of equal ones the one with more revenue, then the first by number); offer; coupon;
--   usual_hour (0 to 23: the hour with most of their orders and events before the start; of equal
--   ones the earliest; NULL where times of day are not known); revenue (money); opted_out (true: must
--   not be addressed, whenever they asked for it).
-- Parameters: $campaign_id. Reads the kept table features.
WITH treated AS (
    SELECT p.customer_id, p.segment, c.offer, c.coupon, c.start_day
    FROM campaign_people AS p
    JOIN campaigns AS c ON c.campaign_id = p.campaign_id
    WHERE p.campaign_id = $campaign_id AND p.treated
), lines AS (
    SELECT s.customer_id, s.order_id, s.product_id, s.revenue, s.hour
    FROM sales AS s
    JOIN treated AS t ON t.customer_id = s.customer_id
    WHERE s.is_order AND s.day < t.start_day
), products_bought AS (
    SELECT
        customer_id, product_id,
        row_number() OVER (
            PARTITION BY customer_id ORDER BY COUNT(*) DESC, SUM(revenue) DESC, product_id) AS place
    FROM lines
    WHERE product_id IS NOT NULL
    GROUP BY customer_id, product_id
), clock AS (
    SELECT COALESCE(MAX(hour), 0) > 0 AS has_hours FROM sales
), moments AS (
    SELECT l.customer_id, MIN(l.hour) AS hour
    FROM lines AS l
    CROSS JOIN clock AS k
    WHERE k.has_hours
    GROUP BY l.customer_id, l.order_id
    UNION ALL
    SELECT e.customer_id, e.hour
    FROM events AS e
    JOIN treated AS t ON t.customer_id = e.customer_id
    WHERE e.day < t.start_day
), hours AS (
    SELECT
        customer_id, hour,
        row_number() OVER (PARTITION BY customer_id ORDER BY COUNT(*) DESC, hour) AS place
    FROM moments
    GROUP BY customer_id, hour
)
SELECT
    t.customer_id, p.name, p.email, p.phone, p.city, p.country, t.segment,
    f.favourite_category, COALESCE(g.name, b.product_id) AS often_bought_product,
    t.offer, t.coupon, h.hour AS usual_hour,
    CAST(COALESCE(f.revenue, 0) AS DECIMAL(38, 4)) AS revenue,
    o.customer_id IS NOT NULL AS opted_out
FROM treated AS t
LEFT JOIN customers AS p ON p.customer_id = t.customer_id
LEFT JOIN features AS f ON f.customer_id = t.customer_id
LEFT JOIN products_bought AS b ON b.customer_id = t.customer_id AND b.place = 1
LEFT JOIN products AS g ON g.product_id = b.product_id
LEFT JOIN hours AS h ON h.customer_id = t.customer_id AND h.place = 1
LEFT JOIN opted_out AS o ON o.customer_id = t.customer_id
