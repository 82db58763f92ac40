-- One row: a customer known as of a day, by customer_id: with a line that counts or an event before
--   it, or in the customers table and not signed up later.
-- Columns: customer_id; then the customer features, whose meaning and unit are in
--   analytics/profile/catalogue.py: recency_days, orders, tenure_days, mean_gap_days,
--   gap_spread_days, first_order_day, last_order_day; revenue (money, exact), average_order_value,
--   discount_order_share, refund_share, items, items_per_order; products, categories,
--   favourite_category, favourite_category_share, favourite_channel, favourite_channel_share,
--   store_orders, online_orders, buys_both_ways, weekend_order_share, evening_order_share;
--   days_since_event;
--   events_7_days, events_30_days, events_90_days, views_7_days, views_30_days, views_90_days,
--   searches_7_days, searches_30_days, searches_90_days, favourites_7_days, favourites_30_days,
--   favourites_90_days, carts_7_days, carts_30_days, carts_90_days, checkouts_7_days,
--   checkouts_30_days, checkouts_90_days, purchases_7_days, purchases_30_days,
--   purchases_90_days, clicks_7_days, clicks_30_days, clicks_90_days, opens_7_days,
--   opens_30_days, opens_90_days;
--   sessions_90_days, mean_session_minutes, cart_without_purchase; days_since_signup, age_years,
--   gender, city, country, consent; attributes (JSON: further columns of the shop's customers).
-- Parameters: $as_of (date; nothing on or after it counts). Reads the small tables calendar (day,
--   weekend: every day with an order) and channel_kinds (channel, is_store).
WITH lines AS (
    SELECT
        customer_id, order_id, day, at_us, product_id, quantity, revenue, is_order, channel,
        date_diff('day', CAST('1970-01-01' AS DATE), day) * 24 + hour AS hours_since_1970,
        CASE WHEN discount <> 0 OR coupon IS NOT NULL THEN 1 ELSE 0 END AS is_reduced
    FROM sales
    WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
), clock AS (
    SELECT COALESCE(MAX(hour), 0) > 0 AS has_hours FROM sales WHERE day < CAST($as_of AS DATE)
), totals AS (
    SELECT
        customer_id,
        CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue,
        MIN(CASE WHEN is_order THEN day END) AS first_day,
        MAX(CASE WHEN is_order THEN day END) AS last_day,
        MAX(CASE WHEN is_order THEN at_us END) AS last_us,
        SUM(CASE WHEN is_order THEN COALESCE(quantity, 1) END) AS items,
        COUNT(DISTINCT CASE WHEN is_order THEN product_id END) AS products
    FROM lines
    GROUP BY customer_id
), ordered AS (
    SELECT customer_id, SUM(worth) AS worth
    FROM order_fates
    WHERE fate = 'analysed' AND state IN ('sale', 'free') AND day < CAST($as_of AS DATE)
    GROUP BY customer_id
), order_days AS (
    SELECT customer_id, day FROM lines WHERE is_order GROUP BY customer_id, day
), gaps AS (
    SELECT
        customer_id,
        date_diff('day', lag(day) OVER (PARTITION BY customer_id ORDER BY day), day) AS gap_days
    FROM order_days
), gap_sums AS (
    SELECT
        customer_id,
        COUNT(gap_days) AS gaps,
        CAST(SUM(gap_days) AS BIGINT) AS days,
        CAST(SUM(gap_days * gap_days) AS BIGINT) AS squared_days
    FROM gaps
    GROUP BY customer_id
), by_channel AS (
    SELECT
        customer_id, order_id, channel,
        MIN(day) AS day,
        MIN(hours_since_1970) AS hours_since_1970,
        MAX(is_reduced) AS is_reduced,
        SUM(revenue) AS revenue
    FROM lines
    WHERE is_order
    GROUP BY customer_id, order_id, channel
), placed AS (
    SELECT
        o.customer_id, o.order_id,
        MIN(o.day) AS day,
        MIN(o.hours_since_1970) AS hours_since_1970,
        MAX(o.is_reduced) AS is_reduced,
        MAX(CASE WHEN o.channel IS NOT NULL THEN 1 ELSE 0 END) AS has_channel,
        MAX(CASE WHEN k.is_store THEN 1 ELSE 0 END) AS in_store,
        MAX(CASE WHEN NOT k.is_store THEN 1 ELSE 0 END) AS is_online
    FROM by_channel AS o
    LEFT JOIN channel_kinds AS k ON k.channel = o.channel
    GROUP BY o.customer_id, o.order_id
), order_counts AS (
    SELECT
        p.customer_id,
        COUNT(*) AS orders,
        COUNT(CASE WHEN p.is_reduced = 1 THEN 1 END) AS reduced,
        COUNT(CASE WHEN p.has_channel = 1 THEN 1 END) AS with_channel,
        COUNT(CASE WHEN p.in_store = 1 THEN 1 END) AS in_store,
        COUNT(CASE WHEN p.is_online = 1 THEN 1 END) AS is_online,
        COUNT(CASE WHEN c.weekend THEN 1 END) AS weekend,
        COUNT(CASE WHEN p.hours_since_1970
            - 24 * date_diff('day', CAST('1970-01-01' AS DATE), p.day) >= 18 THEN 1 END) AS evening
    FROM placed AS p
    LEFT JOIN calendar AS c ON c.day = p.day
    GROUP BY p.customer_id
), channels AS (
    SELECT
        customer_id, channel, COUNT(*) AS orders,
        row_number() OVER (
            PARTITION BY customer_id ORDER BY COUNT(*) DESC, SUM(revenue) DESC, channel) AS place
    FROM by_channel
    WHERE channel IS NOT NULL
    GROUP BY customer_id, channel
), categories AS (
    SELECT l.customer_id, p.category, COUNT(*) AS lines, SUM(l.revenue) AS revenue
    FROM lines AS l
    INNER JOIN products AS p ON p.product_id = l.product_id
    WHERE l.is_order AND p.category IS NOT NULL
    GROUP BY l.customer_id, p.category
), ranked_categories AS (
    SELECT
        customer_id, category, lines,
        COUNT(*) OVER (PARTITION BY customer_id) AS categories,
        SUM(lines) OVER (PARTITION BY customer_id) AS all_lines,
        row_number() OVER (
            PARTITION BY customer_id ORDER BY lines DESC, revenue DESC, category) AS place
    FROM categories
), seen AS (
    SELECT
        customer_id, session_id, event, day, at_us,
        date_diff('day', day, CAST($as_of AS DATE)) AS days_ago
    FROM events
    WHERE customer_id IS NOT NULL AND day < CAST($as_of AS DATE)
), event_counts AS (
    SELECT
        customer_id,
        MIN(days_ago) AS days_since_event,
        COUNT(CASE WHEN days_ago <= 7 THEN 1 END) AS events_7_days,
        COUNT(CASE WHEN days_ago <= 30 THEN 1 END) AS events_30_days,
        COUNT(CASE WHEN days_ago <= 90 THEN 1 END) AS events_90_days,
        COUNT(CASE WHEN event = 'view' AND days_ago <= 7 THEN 1 END) AS views_7_days,
        COUNT(CASE WHEN event = 'view' AND days_ago <= 30 THEN 1 END) AS views_30_days,
        COUNT(CASE WHEN event = 'view' AND days_ago <= 90 THEN 1 END) AS views_90_days,
        COUNT(CASE WHEN event = 'search' AND days_ago <= 7 THEN 1 END) AS searches_7_days,
        COUNT(CASE WHEN event = 'search' AND days_ago <= 30 THEN 1 END) AS searches_30_days,
        COUNT(CASE WHEN event = 'search' AND days_ago <= 90 THEN 1 END) AS searches_90_days,
        COUNT(CASE WHEN event = 'favourite' AND days_ago <= 7 THEN 1 END) AS favourites_7_days,
        COUNT(CASE WHEN event = 'favourite' AND days_ago <= 30 THEN 1 END) AS favourites_30_days,
        COUNT(CASE WHEN event = 'favourite' AND days_ago <= 90 THEN 1 END) AS favourites_90_days,
        COUNT(CASE WHEN event = 'cart' AND days_ago <= 7 THEN 1 END) AS carts_7_days,
        COUNT(CASE WHEN event = 'cart' AND days_ago <= 30 THEN 1 END) AS carts_30_days,
        COUNT(CASE WHEN event = 'cart' AND days_ago <= 90 THEN 1 END) AS carts_90_days,
        COUNT(CASE WHEN event = 'checkout' AND days_ago <= 7 THEN 1 END) AS checkouts_7_days,
        COUNT(CASE WHEN event = 'checkout' AND days_ago <= 30 THEN 1 END) AS checkouts_30_days,
        COUNT(CASE WHEN event = 'checkout' AND days_ago <= 90 THEN 1 END) AS checkouts_90_days,
        COUNT(CASE WHEN event = 'purchase' AND days_ago <= 7 THEN 1 END) AS purchases_7_days,
        COUNT(CASE WHEN event = 'purchase' AND days_ago <= 30 THEN 1 END) AS purchases_30_days,
        COUNT(CASE WHEN event = 'purchase' AND days_ago <= 90 THEN 1 END) AS purchases_90_days,
        COUNT(CASE WHEN event = 'click' AND days_ago <= 7 THEN 1 END) AS clicks_7_days,
        COUNT(CASE WHEN event = 'click' AND days_ago <= 30 THEN 1 END) AS clicks_30_days,
        COUNT(CASE WHEN event = 'click' AND days_ago <= 90 THEN 1 END) AS clicks_90_days,
        COUNT(CASE WHEN event = 'open' AND days_ago <= 7 THEN 1 END) AS opens_7_days,
        COUNT(CASE WHEN event = 'open' AND days_ago <= 30 THEN 1 END) AS opens_30_days,
        COUNT(CASE WHEN event = 'open' AND days_ago <= 90 THEN 1 END) AS opens_90_days,
        COUNT(DISTINCT CASE WHEN days_ago <= 90 THEN day END) AS days_with_event,
        MAX(CASE WHEN event = 'cart' AND days_ago <= 30 THEN at_us END) AS cart_us,
        MAX(CASE WHEN event = 'cart' AND days_ago <= 30 THEN day END) AS cart_day,
        MAX(CASE WHEN event = 'purchase' THEN at_us END) AS purchase_us
    FROM seen
    GROUP BY customer_id
), sessions AS (
    SELECT customer_id, session_id, MAX(at_us) - MIN(at_us) AS length_us
    FROM seen
    WHERE days_ago <= 90 AND session_id IS NOT NULL
    GROUP BY customer_id, session_id
), session_counts AS (
    SELECT customer_id, COUNT(*) AS sessions, CAST(SUM(length_us) AS BIGINT) AS length_us
    FROM sessions
    GROUP BY customer_id
), known AS (
    SELECT customer_id FROM totals
    UNION
    SELECT customer_id FROM event_counts
    UNION
    SELECT customer_id
    FROM customers
    WHERE customer_id IS NOT NULL
        AND (signed_up_at IS NULL OR CAST(signed_up_at AS DATE) < CAST($as_of AS DATE))
), persons AS (
    SELECT
        customer_id, gender, city, country, consent, attributes,
        CASE WHEN CAST(signed_up_at AS DATE) < CAST($as_of AS DATE)
            THEN date_diff('day', CAST(signed_up_at AS DATE), CAST($as_of AS DATE))
        END AS days_since_signup,
        COALESCE(
            extract(year FROM CAST($as_of AS DATE)) - extract(year FROM birth_date)
            - CASE WHEN extract(month FROM CAST($as_of AS DATE)) * 100
                + extract(day FROM CAST($as_of AS DATE))
                < extract(month FROM birth_date) * 100 + extract(day FROM birth_date)
                THEN 1 ELSE 0 END,
            FLOOR(age)) AS age_years
    FROM customers
)
SELECT
    n.customer_id,
    date_diff('day', t.last_day, CAST($as_of AS DATE)) AS recency_days,
    COALESCE(o.orders, 0) AS orders,
    date_diff('day', t.first_day, CAST($as_of AS DATE)) AS tenure_days,
    CAST(g.days AS DOUBLE) / NULLIF(g.gaps, 0) AS mean_gap_days,
    SQRT(CAST(g.gaps * g.squared_days - g.days * g.days AS DOUBLE)
        / NULLIF(g.gaps * (g.gaps - 1), 0)) AS gap_spread_days,
    t.first_day AS first_order_day,
    t.last_day AS last_order_day,
    CAST(COALESCE(t.revenue, 0) AS DECIMAL(38, 4)) AS revenue,
    CAST(t.revenue AS DOUBLE) / NULLIF(o.orders, 0) AS average_order_value,
    CAST(o.reduced AS DOUBLE) / NULLIF(o.orders, 0) AS discount_order_share,
    CASE WHEN w.worth > 0
        THEN CAST(w.worth - t.revenue AS DOUBLE) / NULLIF(w.worth, 0)
    END AS refund_share,
    CAST(COALESCE(t.items, 0) AS DOUBLE) AS items,
    CAST(t.items AS DOUBLE) / NULLIF(o.orders, 0) AS items_per_order,
    COALESCE(t.products, 0) AS products,
    COALESCE(f.categories, 0) AS categories,
    f.category AS favourite_category,
    CAST(f.lines AS DOUBLE) / NULLIF(f.all_lines, 0) AS favourite_category_share,
    c.channel AS favourite_channel,
    CAST(c.orders AS DOUBLE) / NULLIF(o.with_channel, 0) AS favourite_channel_share,
    COALESCE(o.in_store, 0) AS store_orders,
    COALESCE(o.is_online, 0) AS online_orders,
    COALESCE(o.in_store > 0 AND o.is_online > 0, FALSE) AS buys_both_ways,
    CAST(o.weekend AS DOUBLE) / NULLIF(o.orders, 0) AS weekend_order_share,
    CASE WHEN k.has_hours THEN CAST(o.evening AS DOUBLE) / NULLIF(o.orders, 0)
    END AS evening_order_share,
    e.days_since_event,
    COALESCE(e.events_7_days, 0) AS events_7_days, COALESCE(e.events_30_days, 0) AS events_30_days, COALESCE(e.events_90_days, 0) AS events_90_days,
    COALESCE(e.views_7_days, 0) AS views_7_days, COALESCE(e.views_30_days, 0) AS views_30_days, COALESCE(e.views_90_days, 0) AS views_90_days,
    COALESCE(e.searches_7_days, 0) AS searches_7_days, COALESCE(e.searches_30_days, 0) AS searches_30_days, COALESCE(e.searches_90_days, 0) AS searches_90_days,
    COALESCE(e.favourites_7_days, 0) AS favourites_7_days, COALESCE(e.favourites_30_days, 0) AS favourites_30_days, COALESCE(e.favourites_90_days, 0) AS favourites_90_days,
    COALESCE(e.carts_7_days, 0) AS carts_7_days, COALESCE(e.carts_30_days, 0) AS carts_30_days, COALESCE(e.carts_90_days, 0) AS carts_90_days,
    COALESCE(e.checkouts_7_days, 0) AS checkouts_7_days, COALESCE(e.checkouts_30_days, 0) AS checkouts_30_days, COALESCE(e.checkouts_90_days, 0) AS checkouts_90_days,
    COALESCE(e.purchases_7_days, 0) AS purchases_7_days, COALESCE(e.purchases_30_days, 0) AS purchases_30_days, COALESCE(e.purchases_90_days, 0) AS purchases_90_days,
    COALESCE(e.clicks_7_days, 0) AS clicks_7_days, COALESCE(e.clicks_30_days, 0) AS clicks_30_days, COALESCE(e.clicks_90_days, 0) AS clicks_90_days,
    COALESCE(e.opens_7_days, 0) AS opens_7_days, COALESCE(e.opens_30_days, 0) AS opens_30_days, COALESCE(e.opens_90_days, 0) AS opens_90_days,
    CASE WHEN s.sessions > 0 THEN s.sessions ELSE COALESCE(e.days_with_event, 0)
    END AS sessions_90_days,
    CAST(s.length_us AS DOUBLE) / 60000000 / NULLIF(s.sessions, 0) AS mean_session_minutes,
    e.cart_us IS NOT NULL
        AND NOT COALESCE(e.purchase_us >= e.cart_us, FALSE)
        AND NOT COALESCE(t.last_us >= e.cart_us, FALSE)
        AND NOT COALESCE(NOT k.has_hours AND t.last_day >= e.cart_day, FALSE)
        AS cart_without_purchase,
    p.days_since_signup,
    CASE WHEN p.age_years BETWEEN 0 AND 120 THEN CAST(p.age_years AS BIGINT) END AS age_years,
    p.gender, p.city, p.country, p.consent, p.attributes
FROM known AS n
CROSS JOIN clock AS k
LEFT JOIN totals AS t ON t.customer_id = n.customer_id
LEFT JOIN ordered AS w ON w.customer_id = n.customer_id
LEFT JOIN gap_sums AS g ON g.customer_id = n.customer_id
LEFT JOIN order_counts AS o ON o.customer_id = n.customer_id
LEFT JOIN ranked_categories AS f ON f.customer_id = n.customer_id AND f.place = 1
LEFT JOIN channels AS c ON c.customer_id = n.customer_id AND c.place = 1
LEFT JOIN event_counts AS e ON e.customer_id = n.customer_id
LEFT JOIN session_counts AS s ON s.customer_id = n.customer_id
LEFT JOIN persons AS p ON p.customer_id = n.customer_id
ORDER BY n.customer_id
