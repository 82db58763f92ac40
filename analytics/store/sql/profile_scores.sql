-- One row: the scores of one customer, beside all who have scores; none where they never bought.
-- Columns: customer_id; recency_days; frequency (orders); monetary (money); r, f, m (scores, 1 is
--   worst; NULL without an order); segment; customers (who have scores); for each of recency_days,
--   frequency and monetary how many of them are strictly worse (worse_r, worse_f, worse_m) and
--   strictly better (better_r, better_f, better_m).
-- Parameters: $customer_id. Reads the kept table scores.
WITH own AS (
    SELECT * FROM scores WHERE customer_id = $customer_id
)
SELECT
    o.customer_id, o.recency_days, o.frequency, o.monetary, o.r, o.f, o.m, o.segment,
    COUNT(s.r) AS customers,
    COUNT(CASE WHEN s.recency_days > o.recency_days THEN s.r END) AS worse_r,
    COUNT(CASE WHEN s.frequency < o.frequency THEN s.r END) AS worse_f,
    COUNT(CASE WHEN s.monetary < o.monetary THEN s.r END) AS worse_m,
    COUNT(CASE WHEN s.recency_days < o.recency_days THEN s.r END) AS better_r,
    COUNT(CASE WHEN s.frequency > o.frequency THEN s.r END) AS better_f,
    COUNT(CASE WHEN s.monetary > o.monetary THEN s.r END) AS better_m
FROM own AS o
CROSS JOIN scores AS s
GROUP BY o.customer_id, o.recency_days, o.frequency, o.monetary, o.r, o.f, o.m, o.segment
