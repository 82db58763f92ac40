-- One row: a person, or a session, that reached a step, and that step.
-- Columns: customer_id (NULL: unknown); session (empty where persons are counted); value (what it
--   is broken down by; empty where nothing, or unknown); place (the step, from 1); start_us, at_us
--   (microseconds since 1970: the latest beginning that led there, and the first time the step was
--   reached).
-- Parameters: $unit (customer or session); $named (whether sessions go by the shop's own ids; else,
--   and where there is none, 30 minutes of silence end one); $purchases (order or event: which of
--   the two a purchase is; the other is left out); $from_day, $until_day (dates or NULL: moments on
--   or after the first and before the second); $window_us (the longest from beginning to step);
--   $by (channel, campaign, product_id, category, city, country, gender or NULL); $attribution
--   (first, last or all; none where $by is NULL); $order (any: the order of the steps does not
--   matter; else as asked). Reads the small table steps (row_no; place; role: step, or between for
--   what must not lie strictly between the step before and this one; event; channel, campaign,
--   product_id, category: NULL for any; gap_us: the least from the step before).
-- How it works: reached_k holds every moment at which step k ends a chain of steps, with the latest
--   beginning of such a chain. That beginning never moves back in time, so the last moment of
--   reached_k before an event of step k + 1 is the best to go on from, whatever comes after: it has
--   the most time left, and the least can lie between. Steps that are not asked for cost nothing.
WITH seen AS (
    SELECT customer_id, session_id, at_us, event, product_id, channel, campaign
    FROM moments
    WHERE (source = $purchases OR (source = 'event' AND event <> 'purchase'))
        AND (CAST($from_day AS DATE) IS NULL OR day >= CAST($from_day AS DATE))
        AND (CAST($until_day AS DATE) IS NULL OR day < CAST($until_day AS DATE))
), apart AS (
    SELECT
        *, CASE WHEN $named THEN session_id END AS name,
        at_us - lag(at_us) OVER (
            PARTITION BY customer_id, CASE WHEN $named THEN session_id END ORDER BY at_us
        ) AS silence_us
    FROM seen
    WHERE $unit = 'session' AND (customer_id IS NOT NULL OR ($named AND session_id IS NOT NULL))
), acts AS (
    SELECT
        customer_id AS unit, customer_id, at_us, event, product_id, channel, campaign
    FROM seen
    WHERE $unit = 'customer' AND customer_id IS NOT NULL
    UNION ALL
    SELECT
        COALESCE(customer_id, '') || chr(31) || COALESCE(name, CAST(SUM(
            CASE
                WHEN name IS NULL AND (silence_us IS NULL OR silence_us > 1800000000) THEN 1
                ELSE 0
            END
        ) OVER (PARTITION BY customer_id, name ORDER BY at_us) AS VARCHAR)) AS unit,
        customer_id, at_us, event, product_id, channel, campaign
    FROM apart
), wanted AS (
    SELECT s.row_no, p.product_id
    FROM steps AS s
    JOIN products AS p ON p.category = s.category
), categories AS (
    SELECT product_id, category FROM products WHERE $by = 'category'
), traits AS (
    SELECT
        customer_id,
        CASE $by WHEN 'city' THEN city WHEN 'country' THEN country ELSE gender END AS trait
    FROM customers
    WHERE $by IN ('city', 'country', 'gender')
), matched AS (
    SELECT
        a.unit, a.at_us, s.place, s.role,
        CASE WHEN s.place = 1 THEN CASE $by
            WHEN 'channel' THEN a.channel
            WHEN 'campaign' THEN a.campaign
            WHEN 'product_id' THEN a.product_id
            WHEN 'category' THEN c.category
            ELSE t.trait
        END END AS value
    FROM acts AS a
    JOIN steps AS s ON s.event = a.event
    LEFT JOIN wanted AS w ON w.row_no = s.row_no AND w.product_id = a.product_id
    LEFT JOIN categories AS c ON c.product_id = a.product_id
    LEFT JOIN traits AS t ON t.customer_id = a.customer_id
    WHERE (s.channel IS NULL OR s.channel = a.channel)
        AND (s.campaign IS NULL OR s.campaign = a.campaign)
        AND (s.product_id IS NULL OR s.product_id = a.product_id)
        AND (s.category IS NULL OR w.product_id IS NOT NULL)
), parts AS (
    SELECT DISTINCT unit, COALESCE(value, '') AS value
    FROM matched
    WHERE place = 1 AND $attribution = 'all'
), counted AS (
    SELECT unit, at_us, place, role FROM matched WHERE $attribution <> 'all'
    UNION ALL
    SELECT m.unit || chr(30) || p.value AS unit, m.at_us, m.place, m.role
    FROM matched AS m
    JOIN parts AS p ON p.unit = m.unit AND (m.place > 1 OR p.value = COALESCE(m.value, ''))
), reached_1 AS (
    SELECT unit, at_us, at_us AS start_us FROM counted WHERE place = 1 AND $order <> 'any'
), before_2 AS (
    SELECT
        unit, moment_us, kind,
        MAX(start_us) OVER sofar AS start_us,
        MAX(CASE WHEN kind = 0 THEN moment_us END) OVER sofar AS before_us,
        MAX(CASE WHEN kind = 2 THEN moment_us END) OVER sofar AS between_us
    FROM (
        SELECT r.unit, r.at_us + s.gap_us AS moment_us, 0 AS kind, r.start_us
        FROM reached_1 AS r
        JOIN steps AS s ON s.place = 2 AND s.role = 'step'
        UNION ALL
        SELECT
            unit, CASE role WHEN 'step' THEN at_us ELSE at_us + 1 END AS moment_us,
            CASE role WHEN 'step' THEN 1 ELSE 2 END AS kind, CAST(NULL AS BIGINT) AS start_us
        FROM counted
        WHERE place = 2 AND $order <> 'any'
    ) AS told
    WINDOW sofar AS (PARTITION BY unit ORDER BY moment_us)
), reached_2 AS (
    SELECT b.unit, b.moment_us AS at_us, b.start_us
    FROM before_2 AS b
    JOIN steps AS s ON s.place = 2 AND s.role = 'step'
    WHERE b.kind = 1 AND b.moment_us - b.start_us <= $window_us
        AND (b.between_us IS NULL OR b.between_us - b.before_us <= 1 - s.gap_us)
), before_3 AS (
    SELECT
        unit, moment_us, kind,
        MAX(start_us) OVER sofar AS start_us,
        MAX(CASE WHEN kind = 0 THEN moment_us END) OVER sofar AS before_us,
        MAX(CASE WHEN kind = 2 THEN moment_us END) OVER sofar AS between_us
    FROM (
        SELECT r.unit, r.at_us + s.gap_us AS moment_us, 0 AS kind, r.start_us
        FROM reached_2 AS r
        JOIN steps AS s ON s.place = 3 AND s.role = 'step'
        UNION ALL
        SELECT
            unit, CASE role WHEN 'step' THEN at_us ELSE at_us + 1 END AS moment_us,
            CASE role WHEN 'step' THEN 1 ELSE 2 END AS kind, CAST(NULL AS BIGINT) AS start_us
        FROM counted
        WHERE place = 3 AND $order <> 'any'
    ) AS told
    WINDOW sofar AS (PARTITION BY unit ORDER BY moment_us)
), reached_3 AS (
    SELECT b.unit, b.moment_us AS at_us, b.start_us
    FROM before_3 AS b
    JOIN steps AS s ON s.place = 3 AND s.role = 'step'
    WHERE b.kind = 1 AND b.moment_us - b.start_us <= $window_us
        AND (b.between_us IS NULL OR b.between_us - b.before_us <= 1 - s.gap_us)
), before_4 AS (
    SELECT
        unit, moment_us, kind,
        MAX(start_us) OVER sofar AS start_us,
        MAX(CASE WHEN kind = 0 THEN moment_us END) OVER sofar AS before_us,
        MAX(CASE WHEN kind = 2 THEN moment_us END) OVER sofar AS between_us
    FROM (
        SELECT r.unit, r.at_us + s.gap_us AS moment_us, 0 AS kind, r.start_us
        FROM reached_3 AS r
        JOIN steps AS s ON s.place = 4 AND s.role = 'step'
        UNION ALL
        SELECT
            unit, CASE role WHEN 'step' THEN at_us ELSE at_us + 1 END AS moment_us,
            CASE role WHEN 'step' THEN 1 ELSE 2 END AS kind, CAST(NULL AS BIGINT) AS start_us
        FROM counted
        WHERE place = 4 AND $order <> 'any'
    ) AS told
    WINDOW sofar AS (PARTITION BY unit ORDER BY moment_us)
), reached_4 AS (
    SELECT b.unit, b.moment_us AS at_us, b.start_us
    FROM before_4 AS b
    JOIN steps AS s ON s.place = 4 AND s.role = 'step'
    WHERE b.kind = 1 AND b.moment_us - b.start_us <= $window_us
        AND (b.between_us IS NULL OR b.between_us - b.before_us <= 1 - s.gap_us)
), before_5 AS (
    SELECT
        unit, moment_us, kind,
        MAX(start_us) OVER sofar AS start_us,
        MAX(CASE WHEN kind = 0 THEN moment_us END) OVER sofar AS before_us,
        MAX(CASE WHEN kind = 2 THEN moment_us END) OVER sofar AS between_us
    FROM (
        SELECT r.unit, r.at_us + s.gap_us AS moment_us, 0 AS kind, r.start_us
        FROM reached_4 AS r
        JOIN steps AS s ON s.place = 5 AND s.role = 'step'
        UNION ALL
        SELECT
            unit, CASE role WHEN 'step' THEN at_us ELSE at_us + 1 END AS moment_us,
            CASE role WHEN 'step' THEN 1 ELSE 2 END AS kind, CAST(NULL AS BIGINT) AS start_us
        FROM counted
        WHERE place = 5 AND $order <> 'any'
    ) AS told
    WINDOW sofar AS (PARTITION BY unit ORDER BY moment_us)
), reached_5 AS (
    SELECT b.unit, b.moment_us AS at_us, b.start_us
    FROM before_5 AS b
    JOIN steps AS s ON s.place = 5 AND s.role = 'step'
    WHERE b.kind = 1 AND b.moment_us - b.start_us <= $window_us
        AND (b.between_us IS NULL OR b.between_us - b.before_us <= 1 - s.gap_us)
), before_6 AS (
    SELECT
        unit, moment_us, kind,
        MAX(start_us) OVER sofar AS start_us,
        MAX(CASE WHEN kind = 0 THEN moment_us END) OVER sofar AS before_us,
        MAX(CASE WHEN kind = 2 THEN moment_us END) OVER sofar AS between_us
    FROM (
        SELECT r.unit, r.at_us + s.gap_us AS moment_us, 0 AS kind, r.start_us
        FROM reached_5 AS r
        JOIN steps AS s ON s.place = 6 AND s.role = 'step'
        UNION ALL
        SELECT
            unit, CASE role WHEN 'step' THEN at_us ELSE at_us + 1 END AS moment_us,
            CASE role WHEN 'step' THEN 1 ELSE 2 END AS kind, CAST(NULL AS BIGINT) AS start_us
        FROM counted
        WHERE place = 6 AND $order <> 'any'
    ) AS told
    WINDOW sofar AS (PARTITION BY unit ORDER BY moment_us)
), reached_6 AS (
    SELECT b.unit, b.moment_us AS at_us, b.start_us
    FROM before_6 AS b
    JOIN steps AS s ON s.place = 6 AND s.role = 'step'
    WHERE b.kind = 1 AND b.moment_us - b.start_us <= $window_us
        AND (b.between_us IS NULL OR b.between_us - b.before_us <= 1 - s.gap_us)
), before_7 AS (
    SELECT
        unit, moment_us, kind,
        MAX(start_us) OVER sofar AS start_us,
        MAX(CASE WHEN kind = 0 THEN moment_us END) OVER sofar AS before_us,
        MAX(CASE WHEN kind = 2 THEN moment_us END) OVER sofar AS between_us
    FROM (
        SELECT r.unit, r.at_us + s.gap_us AS moment_us, 0 AS kind, r.start_us
        FROM reached_6 AS r
        JOIN steps AS s ON s.place = 7 AND s.role = 'step'
        UNION ALL
        SELECT
            unit, CASE role WHEN 'step' THEN at_us ELSE at_us + 1 END AS moment_us,
            CASE role WHEN 'step' THEN 1 ELSE 2 END AS kind, CAST(NULL AS BIGINT) AS start_us
        FROM counted
        WHERE place = 7 AND $order <> 'any'
    ) AS told
    WINDOW sofar AS (PARTITION BY unit ORDER BY moment_us)
), reached_7 AS (
    SELECT b.unit, b.moment_us AS at_us, b.start_us
    FROM before_7 AS b
    JOIN steps AS s ON s.place = 7 AND s.role = 'step'
    WHERE b.kind = 1 AND b.moment_us - b.start_us <= $window_us
        AND (b.between_us IS NULL OR b.between_us - b.before_us <= 1 - s.gap_us)
), before_8 AS (
    SELECT
        unit, moment_us, kind,
        MAX(start_us) OVER sofar AS start_us,
        MAX(CASE WHEN kind = 0 THEN moment_us END) OVER sofar AS before_us,
        MAX(CASE WHEN kind = 2 THEN moment_us END) OVER sofar AS between_us
    FROM (
        SELECT r.unit, r.at_us + s.gap_us AS moment_us, 0 AS kind, r.start_us
        FROM reached_7 AS r
        JOIN steps AS s ON s.place = 8 AND s.role = 'step'
        UNION ALL
        SELECT
            unit, CASE role WHEN 'step' THEN at_us ELSE at_us + 1 END AS moment_us,
            CASE role WHEN 'step' THEN 1 ELSE 2 END AS kind, CAST(NULL AS BIGINT) AS start_us
        FROM counted
        WHERE place = 8 AND $order <> 'any'
    ) AS told
    WINDOW sofar AS (PARTITION BY unit ORDER BY moment_us)
), reached_8 AS (
    SELECT b.unit, b.moment_us AS at_us, b.start_us
    FROM before_8 AS b
    JOIN steps AS s ON s.place = 8 AND s.role = 'step'
    WHERE b.kind = 1 AND b.moment_us - b.start_us <= $window_us
        AND (b.between_us IS NULL OR b.between_us - b.before_us <= 1 - s.gap_us)
), latest AS (
    SELECT
        unit, at_us,
        MAX(CASE WHEN place = 1 THEN at_us END) OVER sofar AS last_1,
        MAX(CASE WHEN place = 2 THEN at_us END) OVER sofar AS last_2,
        MAX(CASE WHEN place = 3 THEN at_us END) OVER sofar AS last_3,
        MAX(CASE WHEN place = 4 THEN at_us END) OVER sofar AS last_4,
        MAX(CASE WHEN place = 5 THEN at_us END) OVER sofar AS last_5,
        MAX(CASE WHEN place = 6 THEN at_us END) OVER sofar AS last_6,
        MAX(CASE WHEN place = 7 THEN at_us END) OVER sofar AS last_7,
        MAX(CASE WHEN place = 8 THEN at_us END) OVER sofar AS last_8
    FROM counted
    WHERE $order = 'any'
    WINDOW sofar AS (PARTITION BY unit ORDER BY at_us)
), begun AS (
    SELECT
        unit, at_us, last_1 AS start_1,
        CASE
            WHEN last_1 + last_2 IS NOT NULL
            THEN LEAST(last_1, last_2)
        END AS start_2,
        CASE
            WHEN last_1 + last_2 + last_3 IS NOT NULL
            THEN LEAST(last_1, last_2, last_3)
        END AS start_3,
        CASE
            WHEN last_1 + last_2 + last_3 + last_4 IS NOT NULL
            THEN LEAST(last_1, last_2, last_3, last_4)
        END AS start_4,
        CASE
            WHEN last_1 + last_2 + last_3 + last_4 + last_5 IS NOT NULL
            THEN LEAST(last_1, last_2, last_3, last_4, last_5)
        END AS start_5,
        CASE
            WHEN last_1 + last_2 + last_3 + last_4 + last_5 + last_6 IS NOT NULL
            THEN LEAST(last_1, last_2, last_3, last_4, last_5, last_6)
        END AS start_6,
        CASE
            WHEN last_1 + last_2 + last_3 + last_4 + last_5 + last_6 + last_7 IS NOT NULL
            THEN LEAST(last_1, last_2, last_3, last_4, last_5, last_6, last_7)
        END AS start_7,
        CASE
            WHEN last_1 + last_2 + last_3 + last_4 + last_5 + last_6 + last_7 + last_8 IS NOT NULL
            THEN LEAST(last_1, last_2, last_3, last_4, last_5, last_6, last_7, last_8)
        END AS start_8
    FROM latest
), together AS (
    SELECT unit, 1 AS place, at_us, start_1 AS start_us FROM begun WHERE start_1 IS NOT NULL
    UNION ALL
    SELECT unit, 2 AS place, at_us, start_2 AS start_us FROM begun WHERE start_2 IS NOT NULL
    UNION ALL
    SELECT unit, 3 AS place, at_us, start_3 AS start_us FROM begun WHERE start_3 IS NOT NULL
    UNION ALL
    SELECT unit, 4 AS place, at_us, start_4 AS start_us FROM begun WHERE start_4 IS NOT NULL
    UNION ALL
    SELECT unit, 5 AS place, at_us, start_5 AS start_us FROM begun WHERE start_5 IS NOT NULL
    UNION ALL
    SELECT unit, 6 AS place, at_us, start_6 AS start_us FROM begun WHERE start_6 IS NOT NULL
    UNION ALL
    SELECT unit, 7 AS place, at_us, start_7 AS start_us FROM begun WHERE start_7 IS NOT NULL
    UNION ALL
    SELECT unit, 8 AS place, at_us, start_8 AS start_us FROM begun WHERE start_8 IS NOT NULL
), firsts AS (
    SELECT unit, 1 AS place, MIN(start_us) AS start_us, MIN(at_us) AS at_us
    FROM reached_1 GROUP BY unit
    UNION ALL
    SELECT unit, 2 AS place, MIN(start_us) AS start_us, MIN(at_us) AS at_us
    FROM reached_2 GROUP BY unit
    UNION ALL
    SELECT unit, 3 AS place, MIN(start_us) AS start_us, MIN(at_us) AS at_us
    FROM reached_3 GROUP BY unit
    UNION ALL
    SELECT unit, 4 AS place, MIN(start_us) AS start_us, MIN(at_us) AS at_us
    FROM reached_4 GROUP BY unit
    UNION ALL
    SELECT unit, 5 AS place, MIN(start_us) AS start_us, MIN(at_us) AS at_us
    FROM reached_5 GROUP BY unit
    UNION ALL
    SELECT unit, 6 AS place, MIN(start_us) AS start_us, MIN(at_us) AS at_us
    FROM reached_6 GROUP BY unit
    UNION ALL
    SELECT unit, 7 AS place, MIN(start_us) AS start_us, MIN(at_us) AS at_us
    FROM reached_7 GROUP BY unit
    UNION ALL
    SELECT unit, 8 AS place, MIN(start_us) AS start_us, MIN(at_us) AS at_us
    FROM reached_8 GROUP BY unit
    UNION ALL
    SELECT unit, place, MIN(start_us) AS start_us, MIN(at_us) AS at_us
    FROM together
    WHERE at_us - start_us <= $window_us
    GROUP BY unit, place
), labels AS (
    SELECT
        unit, COALESCE(value, '') AS value,
        row_number() OVER (PARTITION BY unit ORDER BY at_us, value NULLS LAST) AS from_first,
        row_number() OVER (PARTITION BY unit ORDER BY at_us DESC, value NULLS LAST) AS from_last
    FROM matched
    WHERE place = 1 AND $by IS NOT NULL AND $attribution IN ('first', 'last')
)
SELECT
    CASE
        WHEN $unit = 'session' OR $attribution = 'all'
        THEN NULLIF(split_part(split_part(f.unit, chr(30), 1), chr(31), 1), '')
        ELSE f.unit
    END AS customer_id,
    CASE
        WHEN $unit = 'session' THEN split_part(split_part(f.unit, chr(30), 1), chr(31), 2)
        ELSE ''
    END AS session,
    CASE
        WHEN $attribution = 'all' THEN split_part(f.unit, chr(30), 2)
        ELSE COALESCE(l.value, '')
    END AS value,
    f.place, f.start_us, f.at_us
FROM firsts AS f
LEFT JOIN labels AS l ON l.unit = f.unit
    AND CASE $attribution WHEN 'first' THEN l.from_first ELSE l.from_last END = 1
