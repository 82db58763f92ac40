-- One row: a session's move from one kind of event to another, counted from where the path begins.
-- Columns: customer_id (NULL: unknown); session; place (0 for the move from the anchor, 1 for the
--   next, …; backwards where only an end is asked for); event; next_event (what comes after it, or
--   before it where backwards; NULL: the session has no more); at_us (when the event was).
-- Parameters: $from_event, $to_event (kinds of event or NULL: from the first $from_event of a
--   session, or from its first event, and up to the first $to_event after it; where only $to_event
--   is given, backwards from the last one); $steps (moves at most); $named (whether sessions go by the shop's own ids; else, and
--   where there is none, 30 minutes of silence end one); $purchases (order or event: which of the
--   two a purchase is); $from_day, $until_day (dates or NULL). Reads the small table usual (event,
--   place: the order of kinds of event of one moment). Repeats in a row count as one.
WITH seen AS (
    SELECT
        m.customer_id, m.at_us, m.event, CASE WHEN $named THEN m.session_id END AS name,
        CASE m.event WHEN $from_event THEN -1 WHEN $to_event THEN 1000 ELSE u.place END AS usual_place
    FROM moments AS m
    JOIN usual AS u ON u.event = m.event
    WHERE (m.source = $purchases OR (m.source = 'event' AND m.event <> 'purchase'))
        AND (CAST($from_day AS DATE) IS NULL OR m.day >= CAST($from_day AS DATE))
        AND (CAST($until_day AS DATE) IS NULL OR m.day < CAST($until_day AS DATE))
        AND (m.customer_id IS NOT NULL OR ($named AND m.session_id IS NOT NULL))
), apart AS (
    SELECT
        *, at_us - lag(at_us) OVER (PARTITION BY customer_id, name ORDER BY at_us) AS silence_us
    FROM seen
), placed AS (
    SELECT
        customer_id, at_us, event, usual_place,
        COALESCE(customer_id, '') || chr(31) || COALESCE(name, CAST(SUM(
            CASE
                WHEN name IS NULL AND (silence_us IS NULL OR silence_us > 1800000000) THEN 1
                ELSE 0
            END
        ) OVER (PARTITION BY customer_id, name ORDER BY at_us) AS VARCHAR)) AS unit
    FROM apart
), told AS (
    SELECT
        *, lag(event) OVER (PARTITION BY unit ORDER BY at_us, usual_place, event) AS event_before
    FROM placed
), numbered AS (
    SELECT
        unit, customer_id, at_us, event,
        row_number() OVER (PARTITION BY unit ORDER BY at_us, usual_place, event) AS number
    FROM told
    WHERE event_before IS NULL OR event_before <> event
), directed AS (
    SELECT
        unit, customer_id, at_us, event,
        CASE WHEN $from_event IS NULL AND $to_event IS NOT NULL THEN -number ELSE number END AS number
    FROM numbered
), linked AS (
    SELECT *, lead(event) OVER (PARTITION BY unit ORDER BY number) AS next_event
    FROM directed
), anchors AS (
    SELECT unit, MIN(number) AS number
    FROM linked
    WHERE COALESCE($from_event, $to_event) IS NULL OR event = COALESCE($from_event, $to_event)
    GROUP BY unit
), ends AS (
    SELECT l.unit, MIN(l.number) AS number
    FROM linked AS l
    JOIN anchors AS a ON a.unit = l.unit AND l.number > a.number
    WHERE $from_event IS NOT NULL AND l.event = $to_event
    GROUP BY l.unit
)
SELECT
    l.customer_id, split_part(l.unit, chr(31), 2) AS session, l.number - a.number AS place,
    l.event, l.next_event, l.at_us
FROM linked AS l
JOIN anchors AS a ON a.unit = l.unit
LEFT JOIN ends AS e ON e.unit = l.unit
WHERE l.number >= a.number AND l.number - a.number < $steps
    AND ($from_event IS NULL OR $to_event IS NULL OR l.number < e.number)
