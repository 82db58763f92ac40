-- One row: a way from one segment to another between two days.
-- Columns: from_segment; to_segment; customers; revenue (money by the later day).
-- Parameters: none. Reads the kept tables earlier and later.
SELECT
    COALESCE(e.segment, 'Not yet a customer') AS from_segment,
    l.segment AS to_segment,
    COUNT(*) AS customers,
    CAST(SUM(l.monetary) AS DECIMAL(38, 4)) AS revenue
FROM later AS l
LEFT JOIN earlier AS e ON e.customer_id = l.customer_id
GROUP BY COALESCE(e.segment, 'Not yet a customer'), l.segment
ORDER BY from_segment, to_segment
