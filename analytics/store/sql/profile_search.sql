-- One row: a customer whose id, e-mail or name holds a text, best matches first.
-- Columns: customer_id; name; email; place (1: one of them is the text, 2: one of them or a word of
--   the name begins with it, 3: one of them holds it).
-- Parameters: $text (taken as it is, in any case), $limit (most rows).
WITH matching AS (
    SELECT customer_id
    FROM customers
    WHERE strpos(lower(customer_id), lower($text)) > 0
        OR strpos(lower(email), lower($text)) > 0
        OR strpos(lower(name), lower($text)) > 0
    UNION
    SELECT customer_id
    FROM orders_lines
    WHERE reason IS NULL AND strpos(lower(customer_id), lower($text)) > 0
    UNION
    SELECT customer_id
    FROM events_lines
    WHERE reason IS NULL AND strpos(lower(customer_id), lower($text)) > 0
    UNION
    SELECT customer_id
    FROM assignments_lines
    WHERE reason IS NULL AND strpos(lower(customer_id), lower($text)) > 0
), persons AS (
    SELECT COALESCE(s.customer_id, m.customer_id) AS customer_id
    FROM matching AS m
    LEFT JOIN same_person AS s ON s.other_id = m.customer_id
    GROUP BY COALESCE(s.customer_id, m.customer_id)
)
SELECT
    m.customer_id, c.name, c.email,
    CASE
        WHEN lower(m.customer_id) = lower($text) OR lower(c.email) = lower($text)
            OR lower(c.name) = lower($text) THEN 1
        WHEN strpos(lower(m.customer_id), lower($text)) = 1
            OR strpos(lower(c.email), lower($text)) = 1
            OR strpos(' ' || lower(c.name), ' ' || lower($text)) > 0 THEN 2
        ELSE 3
    END AS place
FROM persons AS m
LEFT JOIN customers AS c ON c.customer_id = m.customer_id
ORDER BY place, m.customer_id
LIMIT $limit
