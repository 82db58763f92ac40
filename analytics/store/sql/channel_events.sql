-- One row: a kind of event of a channel, campaign or product.
-- Columns: part (its name; NULL: unknown); event; moments (events; of orders, different orders).
-- Parameters: $by (channel, campaign or product_id); $purchases (order or event: which of the two a
--   purchase is); $from_day, $until_day (dates or NULL).
WITH seen AS (
    SELECT
        CASE $by WHEN 'channel' THEN channel WHEN 'campaign' THEN campaign ELSE product_id END
            AS part,
        event, order_id
    FROM moments
    WHERE event IN ('impression', 'click', 'view', 'purchase')
        AND (event <> 'purchase' OR source = $purchases)
        AND (CAST($from_day AS DATE) IS NULL OR day >= CAST($from_day AS DATE))
        AND (CAST($until_day AS DATE) IS NULL OR day < CAST($until_day AS DATE))
)
SELECT
    part, event,
    COUNT(DISTINCT order_id) + COUNT(CASE WHEN order_id IS NULL THEN 1 END) AS moments
FROM seen
GROUP BY part, event
ORDER BY part NULLS LAST, event
