-- One row: a kind of event of the shop; its orders as the kind purchase with the source order.
-- Columns: source (event or order); event; moments (events, or order lines); of_known (those of a
--   known customer); with_session, with_product, with_channel, with_campaign (those that tell it);
--   first_day; last_day.
-- Parameters: $until_day (date or NULL: only what happened before it).
SELECT
    source, event, COUNT(*) AS moments, COUNT(customer_id) AS of_known,
    COUNT(session_id) AS with_session, COUNT(product_id) AS with_product,
    COUNT(channel) AS with_channel, COUNT(campaign) AS with_campaign,
    MIN(day) AS first_day, MAX(day) AS last_day
FROM moments
WHERE CAST($until_day AS DATE) IS NULL OR day < CAST($until_day AS DATE)
GROUP BY source, event
ORDER BY source, event
