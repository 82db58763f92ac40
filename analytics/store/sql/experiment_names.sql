-- One row: a variant of an experiment.
-- Columns: experiment; variant; customers (assigned to it, also those in other variants too);
--   all_customers (of the experiment, each once); first_day, last_day (dates of assignments to the
--   variant).
-- Parameters: none.
WITH persons AS (
    SELECT experiment, customer_id, variant, MIN(day) AS first_day, MAX(day) AS last_day
    FROM assignments
    WHERE customer_id IS NOT NULL
    GROUP BY experiment, customer_id, variant
), experiments AS (
    SELECT experiment, COUNT(DISTINCT customer_id) AS customers
    FROM persons
    GROUP BY experiment
)
SELECT
    p.experiment, p.variant,
    COUNT(*) AS customers,
    MAX(e.customers) AS all_customers,
    MIN(p.first_day) AS first_day,
    MAX(p.last_day) AS last_day
FROM persons AS p
INNER JOIN experiments AS e ON e.experiment = p.experiment
GROUP BY p.experiment, p.variant
ORDER BY p.experiment, p.variant
