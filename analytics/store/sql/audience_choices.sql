-- One row: something a condition on behaviour can ask for, the most frequent of each kind first.
-- Columns: kind (category, channel, event, product); choice (its name or number); label (a
--   product's name, if known; else as choice); lines (how often it occurs in orders and events).
-- Parameters: $limit (at most so many products).
WITH acts AS (
    SELECT product_id, channel, CAST(NULL AS VARCHAR) AS event
    FROM sales
    WHERE customer_id IS NOT NULL
    UNION ALL
    SELECT product_id, channel, event
    FROM events
    WHERE customer_id IS NOT NULL
),
counted AS (
    SELECT 'event' AS kind, event AS choice, event AS label, COUNT(*) AS lines
    FROM acts WHERE event IS NOT NULL GROUP BY event
    UNION ALL
    SELECT 'channel' AS kind, channel AS choice, channel AS label, COUNT(*) AS lines
    FROM acts WHERE channel IS NOT NULL GROUP BY channel
    UNION ALL
    SELECT 'category' AS kind, p.category AS choice, p.category AS label, COUNT(*) AS lines
    FROM acts AS a
    INNER JOIN products AS p ON p.product_id = a.product_id
    WHERE p.category IS NOT NULL GROUP BY p.category
    UNION ALL
    SELECT
        'product' AS kind, a.product_id AS choice, COALESCE(MAX(p.name), a.product_id) AS label,
        COUNT(*) AS lines
    FROM acts AS a
    LEFT JOIN products AS p ON p.product_id = a.product_id
    WHERE a.product_id IS NOT NULL GROUP BY a.product_id
),
ranked AS (
    SELECT
        kind, choice, label, lines,
        row_number() OVER (PARTITION BY kind ORDER BY lines DESC NULLS LAST, choice) AS place
    FROM counted
)
SELECT kind, choice, label, lines
FROM ranked
WHERE kind <> 'product' OR place <= $limit
ORDER BY kind, lines DESC NULLS LAST, choice
