-- One row: a segment.
-- Columns: segment; customers; orders; revenue (money, exact).
-- Parameters: none. Reads the kept table scores.
SELECT
    segment,
    COUNT(*) AS customers,
    CAST(SUM(frequency) AS BIGINT) AS orders,
    CAST(SUM(monetary) AS DECIMAL(38, 4)) AS revenue
FROM scores
GROUP BY segment
ORDER BY segment
