-- One row: a currency of the lines that count.
-- Columns: currency (NULL: the files do not say); lines.
-- Parameters: none.
SELECT currency, COUNT(*) AS lines
FROM sales
GROUP BY currency
ORDER BY lines DESC, currency NULLS LAST
