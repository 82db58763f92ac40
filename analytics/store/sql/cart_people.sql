-- One row: a known customer who put something into the cart long enough ago to have bought it.
-- Columns: customer_id; cart_us (microseconds since 1970: their latest such cart event); bought_us
--   (their first purchase from then on; NULL: none); products (different ones put into the cart
--   since the purchase before, as far as told); priced (of these, with a known price); value (money:
--   the prices of these added up; NULL where none is known); dearest (name of the dearest, or its id).
-- Parameters: $as_of (date; only what happened before it counts); $from_day (date or NULL: only cart
--   events on or after it); $within_days (days to buy in; later cart events are left aside);
--   $purchases (order or event: which of the two a purchase is).
WITH acts AS (
    SELECT customer_id, at_us, event, product_id, day
    FROM moments
    WHERE customer_id IS NOT NULL AND event IN ('cart', 'purchase')
        AND day < CAST($as_of AS DATE) AND (event = 'cart' OR source = $purchases)
), carts AS (
    SELECT customer_id, at_us, product_id
    FROM acts
    WHERE event = 'cart' AND (CAST($from_day AS DATE) IS NULL OR day >= CAST($from_day AS DATE))
        AND at_us + CAST($within_days AS BIGINT) * 86400000000 <= 86400000000 * CAST(
            date_diff('day', CAST('1970-01-01' AS DATE), CAST($as_of AS DATE)) AS BIGINT)
), latest AS (
    SELECT customer_id, MAX(at_us) AS cart_us FROM carts GROUP BY customer_id
), around AS (
    SELECT
        l.customer_id, l.cart_us,
        MIN(CASE WHEN a.at_us >= l.cart_us THEN a.at_us END) AS bought_us,
        MAX(CASE WHEN a.at_us < l.cart_us THEN a.at_us END) AS before_us
    FROM latest AS l
    LEFT JOIN acts AS a ON a.customer_id = l.customer_id AND a.event = 'purchase'
    GROUP BY l.customer_id, l.cart_us
), held AS (
    SELECT DISTINCT c.customer_id, c.product_id
    FROM carts AS c
    JOIN around AS a ON a.customer_id = c.customer_id
        AND (a.before_us IS NULL OR c.at_us > a.before_us)
    WHERE c.product_id IS NOT NULL
), priced AS (
    SELECT
        h.customer_id, COALESCE(p.name, h.product_id) AS name, p.price,
        row_number() OVER (
            PARTITION BY h.customer_id ORDER BY p.price DESC NULLS LAST, h.product_id
        ) AS place
    FROM held AS h
    LEFT JOIN products AS p ON p.product_id = h.product_id
), sums AS (
    SELECT
        customer_id, COUNT(*) AS products, COUNT(price) AS priced,
        CAST(SUM(price) AS DECIMAL(38, 4)) AS value,
        MAX(CASE WHEN place = 1 THEN name END) AS dearest
    FROM priced
    GROUP BY customer_id
)
SELECT
    a.customer_id, a.cart_us, a.bought_us, COALESCE(s.products, 0) AS products,
    COALESCE(s.priced, 0) AS priced, s.value, s.dearest
FROM around AS a
LEFT JOIN sums AS s ON s.customer_id = a.customer_id
ORDER BY a.customer_id
