-- One row: a variant of an experiment, of the customers in one variant only.
-- Columns: variant; assigned (customers); found (of them, those with an order or event at any time).
-- Parameters: $experiment.
WITH persons AS (
    SELECT customer_id, MIN(variant) AS variant
    FROM assignments
    WHERE experiment = $experiment AND customer_id IS NOT NULL
    GROUP BY customer_id
    HAVING MIN(variant) = MAX(variant)
), seen AS (
    SELECT customer_id FROM orders WHERE customer_id IS NOT NULL
    UNION
    SELECT customer_id FROM events WHERE customer_id IS NOT NULL
)
SELECT p.variant, COUNT(*) AS assigned, COUNT(s.customer_id) AS found
FROM persons AS p
LEFT JOIN seen AS s ON s.customer_id = p.customer_id
GROUP BY p.variant
ORDER BY p.variant
