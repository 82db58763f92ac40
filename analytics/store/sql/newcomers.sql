-- One row: a group of past newcomers and a way to recommend to them, as tried.
-- Columns: "group" (looked, few or unknown); method; label; customers (judged); ndcg (0 to 1); lead,
--   lead_lo, lead_hi (over best sellers, with its 95% interval; NULL for best sellers).
-- Parameters: none. Reads the kept table newcomers.
SELECT "group", method, label, customers, ndcg, lead, lead_lo, lead_hi
FROM newcomers
ORDER BY "group", ndcg DESC, method
