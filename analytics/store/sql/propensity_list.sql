-- One row: a customer of the list: the likeliest, until so many of them may be addressed, with how
--   to reach them.
-- Columns: place (1: the likeliest); customer_id; name; email; phone; city; country; chance_share
--   (probability, 0 to 1); because (what speaks for it most); recency_days; orders; revenue (money);
--   opted_out (true: must not be addressed).
-- Parameters: $limit (how many may be addressed). Reads the kept tables predictions and features.
WITH counted AS (
    SELECT
        p.customer_id, p.place, p.probability, p.because,
        o.customer_id IS NOT NULL AS opted_out,
        SUM(CASE WHEN o.customer_id IS NULL THEN 1 ELSE 0 END) OVER (
            ORDER BY p.place ROWS UNBOUNDED PRECEDING) AS addressed
    FROM predictions AS p
    LEFT JOIN opted_out AS o ON o.customer_id = p.customer_id
)
SELECT
    k.place, k.customer_id, c.name, c.email, c.phone, c.city, c.country,
    k.probability AS chance_share, k.because,
    f.recency_days, f.orders, f.revenue, k.opted_out
FROM counted AS k
LEFT JOIN features AS f ON f.customer_id = k.customer_id
LEFT JOIN customers AS c ON c.customer_id = k.customer_id
WHERE k.addressed < $limit OR (k.addressed = $limit AND NOT k.opted_out)
