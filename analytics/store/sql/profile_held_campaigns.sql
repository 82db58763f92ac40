-- One row: a campaign that one customer was chosen for, by start.
-- Columns: name (of the campaign); kind; channel; offer; coupon; start_day; window_days; customer_id;
--   contacted (false: held out, to compare with); segment (at the launch); stratum (the group within
--   which it was drawn who is held out).
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT
    c.name, c.kind, c.channel, c.offer, c.coupon, c.start_day, c.window_days, m.customer_id,
    m.treated AS contacted, m.segment, m.stratum
FROM campaign_members AS m
LEFT JOIN campaigns AS c ON c.campaign_id = m.campaign_id
WHERE m.customer_id IN (SELECT customer_id FROM ids)
ORDER BY c.start_day, c.name, m.customer_id
