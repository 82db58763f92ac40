-- One row: a launched campaign, the earliest start first.
-- Columns: campaign_id; name; kind (of play); channel; offer; coupon; start_day; window_days;
--   holdout_share (0 to 1); seed; margin (0 to 1: of revenue); cost_per_contact, fixed_cost (money);
--   rest_days (nobody contacted within so many days); most_contacts, cap_days (nobody contacted more
--   often in so many days; NULL: no such rule); predicted_lift (money per contacted customer);
--   predicted_from; opted_out, same_address, contacted, capped (people left out at the launch, by
--   reason); launched_at; treated, held_out (people on either side).
-- Parameters: none.
WITH sides AS (
    SELECT
        campaign_id,
        COUNT(CASE WHEN treated THEN 1 END) AS treated,
        COUNT(CASE WHEN NOT treated THEN 1 END) AS held_out
    FROM campaign_people
    GROUP BY campaign_id
)
SELECT
    c.campaign_id, c.name, c.kind, c.channel, c.offer, c.coupon, c.start_day, c.window_days,
    c.holdout_share, c.seed, c.margin, c.cost_per_contact, c.fixed_cost, c.rest_days,
    c.most_contacts, c.cap_days, c.predicted_lift, c.predicted_from, c.opted_out, c.same_address,
    c.contacted, c.capped, c.launched_at,
    COALESCE(s.treated, 0) AS treated, COALESCE(s.held_out, 0) AS held_out
FROM campaigns AS c
LEFT JOIN sides AS s ON s.campaign_id = c.campaign_id
ORDER BY c.start_day, c.name
