-- One row: a round of recommendations, by start and name, with how many people are on either side now;
--   who turned out to be one person counts once.
-- Columns: round_id; name; job (discover or again); label (the method in words); n (products in a
--   list); start_day (first day that counts); window_days; left_out_share (asked for, 0 to 1); seed;
--   opted_out, same_address (people left out of it at the start, and why); started_at; contacted;
--   left_out (people).
-- Parameters: none.
SELECT
    r.round_id, r.name, r.job, r.label, r.n, r.start_day, r.window_days, r.left_out_share, r.seed,
    r.opted_out, r.same_address, r.started_at,
    COUNT(CASE WHEN p.shown THEN 1 END) AS contacted,
    COUNT(CASE WHEN NOT p.shown THEN 1 END) AS left_out
FROM rounds AS r
LEFT JOIN round_people AS p ON p.round_id = r.round_id
GROUP BY
    r.round_id, r.name, r.job, r.label, r.n, r.start_day, r.window_days, r.left_out_share, r.seed,
    r.opted_out, r.same_address, r.started_at
ORDER BY r.start_day, r.name
