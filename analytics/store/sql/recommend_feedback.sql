-- One row: what stands of a customer and a product, by both. Of a person's several ids a "never"
--   stands whatever else was said, as a refusal does; else what was said last.
-- Columns: customer_id; product_id; verdict (up, down, never); day (the shop's day it was said on);
--   given_at (when it was written down).
-- Parameters: none.
WITH said AS (
    SELECT
        COALESCE(s.customer_id, f.customer_id) AS customer_id, f.product_id, f.verdict, f.day,
        f.given_at,
        row_number() OVER (
            PARTITION BY COALESCE(s.customer_id, f.customer_id), f.product_id
            ORDER BY CASE WHEN f.verdict = 'never' THEN 0 ELSE 1 END, f.given_at DESC, f.customer_id)
            AS place
    FROM feedback AS f
    LEFT JOIN same_person AS s ON s.other_id = f.customer_id
)
SELECT customer_id, product_id, verdict, day, given_at
FROM said
WHERE place = 1
ORDER BY customer_id, product_id
