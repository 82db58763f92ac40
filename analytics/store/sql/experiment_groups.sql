-- One row: a customer of an experiment, with what is known of them from before their first exposure.
-- Columns: customer_id; segment (gender, city, country or consent: as the shop says today; channel:
--   of the last order before; buyer: bought before, or new; first_day: of the exposure, as
--   2024-02-01; NULL: not known).
-- Parameters: $experiment, $by (gender, city, country, consent, channel, buyer or first_day).
WITH firsts AS (
    SELECT
        customer_id, MIN(at_us) - MIN(at_us) % 86400000000 AS midnight_us, MIN(day) AS day
    FROM assignments
    WHERE experiment = $experiment AND customer_id IS NOT NULL
    GROUP BY customer_id
), earlier AS (
    SELECT
        s.customer_id, s.channel,
        row_number() OVER (
            PARTITION BY s.customer_id
            ORDER BY s.at_us DESC, s.order_id DESC, s.channel NULLS LAST, s.product_id, s.revenue
        ) AS place
    FROM sales AS s
    INNER JOIN firsts AS f ON f.customer_id = s.customer_id
    WHERE $by IN ('channel', 'buyer') AND s.is_order AND s.at_us < f.midnight_us
)
SELECT
    f.customer_id,
    CASE $by
        WHEN 'gender' THEN c.gender
        WHEN 'city' THEN c.city
        WHEN 'country' THEN c.country
        WHEN 'consent' THEN CASE WHEN c.consent THEN 'may be contacted' WHEN NOT c.consent THEN 'may not' END
        WHEN 'channel' THEN e.channel
        WHEN 'first_day' THEN CAST(f.day AS VARCHAR)
        WHEN 'buyer' THEN CASE WHEN e.customer_id IS NULL THEN 'new' ELSE 'bought before' END
    END AS segment
FROM firsts AS f
LEFT JOIN customers AS c ON c.customer_id = f.customer_id
LEFT JOIN earlier AS e ON e.customer_id = f.customer_id AND e.place = 1
ORDER BY f.customer_id
