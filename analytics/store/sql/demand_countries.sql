-- One row: a country that was delivered to, the one with most revenue first.
-- Columns: country; revenue (money).
-- Parameters: $until_day (date; the first that does not count).
SELECT country, CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue
FROM sales
WHERE country IS NOT NULL AND day < CAST($until_day AS DATE)
GROUP BY country
ORDER BY SUM(revenue) DESC, country
