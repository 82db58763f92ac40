-- One row: a product recommended in a round to a customer who is to be shown it, by customer and rank;
--   without those who are left out, and without what a customer is never to be shown by now.
-- Columns: customer_id; rank (1 is best, without gaps); product_id; score (NULL where a rule filled the
--   place); source (method, again, popular or newcomer: what named it).
-- Parameters: $round_id.
WITH never AS (
    SELECT DISTINCT COALESCE(s.customer_id, f.customer_id) AS customer_id, f.product_id
    FROM feedback AS f
    LEFT JOIN same_person AS s ON s.other_id = f.customer_id
    WHERE f.verdict = 'never'
), left_over AS (
    SELECT p.customer_id, l."rank" AS place, l.product_id, l.score, l.source
    FROM round_people AS p
    JOIN round_lists AS l ON l.round_id = p.round_id AND l.customer_id = p.drawn_id
    LEFT JOIN never AS n ON n.customer_id = p.customer_id AND n.product_id = l.product_id
    WHERE p.round_id = $round_id AND p.shown AND n.customer_id IS NULL
)
SELECT
    customer_id, row_number() OVER (PARTITION BY customer_id ORDER BY place, product_id) AS "rank",
    product_id, score, source
FROM left_over
ORDER BY customer_id, "rank"
