-- One row: an event, or a line of an order that counts: what a person did, and when.
-- Columns: source (event or order); customer_id (NULL: unknown); session_id (NULL for orders); day;
--   at_us (microseconds since 1970, shop time; of orders without a time of day the end of the day,
--   so that what was done on that day came before); event (purchase for an order); product_id;
--   channel; campaign; order_id (NULL for events); value (money: of an order line its revenue).
-- Parameters: none. This text is the view moments.
SELECT
    'event' AS source, customer_id, session_id, day, at_us, event, product_id, channel, campaign,
    CAST(NULL AS VARCHAR) AS order_id, value
FROM events
UNION ALL
SELECT
    'order' AS source, s.customer_id, CAST(NULL AS VARCHAR) AS session_id, s.day,
    CASE WHEN c.has_hours THEN s.at_us ELSE s.at_us + 86399999999 END AS at_us,
    'purchase' AS event, s.product_id, s.channel, CAST(NULL AS VARCHAR) AS campaign, s.order_id,
    s.revenue AS value
FROM sales AS s
CROSS JOIN (SELECT COALESCE(MAX(hour), 0) > 0 AS has_hours FROM sales) AS c
WHERE s.is_order
