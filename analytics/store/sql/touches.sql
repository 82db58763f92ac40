-- One row: an order and a touch that came before it; an order without any has one row.
-- Columns: customer_id (NULL: a guest); number (of the order, from 1); is_new (whether it is the
--   customer's first); revenue (money; NULL where a purchase event tells none); channel; campaign
--   (both NULL: no touch); age_us (microseconds from touch to order); place (of the touch, the first
--   is 1); touches (of the order; 0: none).
-- Parameters: $purchases (order or event: which of the two a purchase is); $lookback_us (the oldest a
--   touch may be); $from_day (date or NULL: only orders on or after it); $until_day (date or NULL:
--   only what happened before it). A touch is the first event of a session, or of a day where the
--   shop names no sessions, that came by one channel and campaign.
WITH bought AS (
    SELECT
        customer_id, COALESCE(order_id, CAST(at_us AS VARCHAR)) AS name, MIN(at_us) AS at_us,
        MIN(day) AS day, CAST(SUM(value) AS DECIMAL(38, 4)) AS revenue
    FROM moments
    WHERE event = 'purchase' AND source = $purchases
        AND (CAST($until_day AS DATE) IS NULL OR day < CAST($until_day AS DATE))
    GROUP BY customer_id, COALESCE(order_id, CAST(at_us AS VARCHAR))
), ranked AS (
    SELECT
        *, row_number() OVER (ORDER BY at_us, name, customer_id NULLS LAST) AS number,
        row_number() OVER (PARTITION BY customer_id ORDER BY at_us, name) AS of_customer
    FROM bought
), asked AS (
    SELECT
        customer_id, number, at_us, revenue, customer_id IS NOT NULL AND of_customer = 1 AS is_new
    FROM ranked
    WHERE CAST($from_day AS DATE) IS NULL OR day >= CAST($from_day AS DATE)
), met AS (
    SELECT customer_id, channel, campaign, MIN(at_us) AS at_us
    FROM moments
    WHERE source = 'event' AND event <> 'purchase' AND customer_id IS NOT NULL
        AND (channel IS NOT NULL OR campaign IS NOT NULL)
        AND (CAST($until_day AS DATE) IS NULL OR day < CAST($until_day AS DATE))
    GROUP BY customer_id, channel, campaign, COALESCE(session_id, CAST(day AS VARCHAR))
), joined AS (
    SELECT a.number, m.channel, m.campaign, m.at_us
    FROM asked AS a
    JOIN met AS m ON m.customer_id = a.customer_id
        AND m.at_us <= a.at_us AND a.at_us - m.at_us <= $lookback_us
)
SELECT
    a.customer_id, a.number, a.is_new, a.revenue, j.channel, j.campaign,
    a.at_us - j.at_us AS age_us,
    row_number() OVER (
        PARTITION BY a.number ORDER BY j.at_us, j.channel NULLS LAST, j.campaign NULLS LAST
    ) AS place,
    COUNT(j.at_us) OVER (PARTITION BY a.number) AS touches
FROM asked AS a
LEFT JOIN joined AS j ON j.number = a.number
