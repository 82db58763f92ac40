-- One row: a product recommended to one customer in a round of recommendations, by start and rank; a
--   row without a product where nothing was.
-- Columns: name (of the round); job; start_day; window_days; customer_id; shown (false: kept back, to
--   compare with); rank (1 is best); product_id.
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT
    r.name, r.job, r.start_day, r.window_days, m.customer_id, m.shown, l."rank", l.product_id
FROM round_members AS m
LEFT JOIN rounds AS r ON r.round_id = m.round_id
LEFT JOIN round_lists AS l ON l.round_id = m.round_id AND l.customer_id = m.customer_id
WHERE m.customer_id IN (SELECT customer_id FROM ids)
ORDER BY r.start_day, r.name, m.customer_id, l."rank"
