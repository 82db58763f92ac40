-- One row: a customer of one segment or of one cell of the grid, with how to reach them.
-- Columns: customer_id; name; email; phone; city; country; recency_days; frequency (orders);
--   monetary (money); r, f, m (scores, 1 is worst); segment; opted_out (true: must not be addressed).
-- Parameters: $segment, $r, $fm (each NULL: any). Reads the kept table scores.
SELECT
    s.customer_id, c.name, c.email, c.phone, c.city, c.country,
    s.recency_days, s.frequency, s.monetary, s.r, s.f, s.m, s.segment,
    o.customer_id IS NOT NULL AS opted_out
FROM scores AS s
LEFT JOIN customers AS c ON c.customer_id = s.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = s.customer_id
WHERE (CAST($segment AS VARCHAR) IS NULL OR s.segment = $segment)
    AND (CAST($r AS BIGINT) IS NULL OR s.r = $r)
    AND (CAST($fm AS BIGINT) IS NULL OR s.fm = $fm)
