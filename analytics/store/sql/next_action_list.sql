-- One row: a customer of the list: those likeliest to do an action next, until so many of them may be
--   addressed, with how to reach them.
-- Columns: place (1: the likeliest); customer_id; name; email; phone; city; country; chance_share
--   (probability, 0 to 1); last_action; last_at (when that was); is_here (true: was still on a visit
--   when the log ended); next_category (the likeliest; NULL: unknown); opted_out (true: must not be
--   addressed).
-- Parameters: $action (what they will do); $limit (how many may be addressed). Reads the kept table
--   next_actions.
WITH placed AS (
    SELECT
        customer_id, probability, last_action, last_at, away, next_category,
        row_number() OVER (ORDER BY probability DESC, customer_id) AS place
    FROM next_actions
    WHERE action = $action
), counted AS (
    SELECT
        p.*, o.customer_id IS NOT NULL AS opted_out,
        SUM(CASE WHEN o.customer_id IS NULL THEN 1 ELSE 0 END) OVER (
            ORDER BY p.place ROWS UNBOUNDED PRECEDING) AS addressed
    FROM placed AS p
    LEFT JOIN opted_out AS o ON o.customer_id = p.customer_id
)
SELECT
    k.place, k.customer_id, c.name, c.email, c.phone, c.city, c.country,
    k.probability AS chance_share, k.last_action, k.last_at, NOT k.away AS is_here,
    k.next_category, k.opted_out
FROM counted AS k
LEFT JOIN customers AS c ON c.customer_id = k.customer_id
WHERE k.addressed < $limit OR (k.addressed = $limit AND NOT k.opted_out)
