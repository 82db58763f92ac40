-- One row: an id that was put on a side of a campaign when it was launched, by customer_id.
-- Columns: customer_id; treated (false: held out); segment; stratum.
-- Parameters: $campaign_id.
SELECT customer_id, treated, segment, stratum
FROM campaign_members
WHERE campaign_id = $campaign_id
ORDER BY customer_id
