-- One row: by `part` what a day adds to the sums of a metric of an arm in `experiment_moments`
--   (`sums`), so that they can be followed from day to day; or the customers who were first exposed
--   on a day (`sizes`).
-- Columns: part; variant (NULL: customers in several variants, who count nowhere); segment (NULL
--   without one); metric (its number in measures); day; assigned, customers, late (of `sizes`); then
--   sums over customers, exact, of value, denominator, before, denominator_before; and of their
--   squares and products value_squared, denominator_squared, before_squared,
--   denominator_before_squared, value_by_denominator, value_by_before, value_by_denominator_before,
--   denominator_by_before, denominator_by_denominator_before, before_by_denominator_before (all as in
--   `experiment_moments`).
--   The time before counts on the day of the first exposure; all money of an order counts on the
--   day of its first line in the window.
-- Parameters: $experiment, $window_days (days from the first exposure that count, and as many days
--   before it; NULL: up to the as-of day, and as long before), $as_of (date; nothing on or after it
--   counts), $from_day (date; before it there is nothing to look at: as long before the
--   experiment's first day), $retention_days (days after the exposure from which an order or event
--   is a return; NULL: not asked), $with_orders (false: only events are asked), $is_first (whether
--   sizes are asked). Reads the handed-in tables measures (metric, value, denominator: what of a customer is summed: revenue, orders,
--   buyer, returned, a, b, or any_a, any_b: whether there is any), slots (event, slot: a, b or
--   returned, counted: count, value or answers: events with a value) and members (customer_id,
--   segment).
WITH firsts AS (
    SELECT
        customer_id,
        CASE WHEN MIN(variant) = MAX(variant) THEN MIN(variant) END AS variant,
        MIN(at_us) AS from_us, MIN(day) AS day
    FROM assignments
    WHERE experiment = $experiment AND customer_id IS NOT NULL
    GROUP BY customer_id
), persons AS (
    SELECT f.customer_id, f.variant, f.from_us, f.day, g.segment
    FROM firsts AS f
    LEFT JOIN members AS g ON g.customer_id = f.customer_id
), exposed AS (
    SELECT
        customer_id, variant, segment, day, from_us,
        from_us - from_us % 86400000000 AS midnight_us,
        COALESCE(
            CAST($window_days AS BIGINT) * 86400000000,
            date_diff('day', CAST('1970-01-01' AS DATE), CAST($as_of AS DATE)) * 86400000000 - from_us
        ) AS span_us
    FROM persons
    WHERE variant IS NOT NULL
        AND from_us + COALESCE(CAST($window_days AS BIGINT), 0) * 86400000000
        <= date_diff('day', CAST('1970-01-01' AS DATE), CAST($as_of AS DATE)) * 86400000000
), near_lines AS (
    SELECT
        e.customer_id, e.day AS first_day, e.span_us, s.order_id, s.day, s.revenue, s.is_order,
        s.at_us < e.midnight_us AS is_before,
        s.at_us - CASE WHEN s.at_us < e.midnight_us OR s.at_us % 86400000000 = 0
            THEN e.midnight_us ELSE e.from_us END AS since_us
    FROM sales AS s
    INNER JOIN exposed AS e ON e.customer_id = s.customer_id
    WHERE $with_orders AND s.day >= CAST($from_day AS DATE) AND s.day < CAST($as_of AS DATE)
), near_events AS (
    SELECT
        e.customer_id, e.day AS first_day, e.span_us, t.slot, v.day,
        CASE t.counted WHEN 'value' THEN COALESCE(v.value, 0)
            WHEN 'answers' THEN CASE WHEN v.value IS NULL THEN 0 ELSE 1 END ELSE 1 END AS worth,
        v.at_us < e.midnight_us AS is_before,
        v.at_us - CASE WHEN v.at_us < e.midnight_us OR v.at_us % 86400000000 = 0
            THEN e.midnight_us ELSE e.from_us END AS since_us
    FROM events AS v
    INNER JOIN slots AS t ON t.event = v.event
    INNER JOIN exposed AS e ON e.customer_id = v.customer_id
    WHERE v.day >= CAST($from_day AS DATE) AND v.day < CAST($as_of AS DATE)
), placed AS (
    SELECT
        customer_id, first_day, order_id, is_before, MIN(day) AS day,
        CAST(SUM(revenue) AS DECIMAL(18, 4)) AS revenue,
        MAX(CASE WHEN is_order THEN 1 ELSE 0 END) AS orders,
        MAX(CASE WHEN is_order AND since_us + CASE WHEN is_before THEN span_us ELSE 0 END
            >= CAST($retention_days AS BIGINT) * 86400000000 THEN 1 ELSE 0 END) AS returned
    FROM near_lines
    WHERE since_us < span_us AND (since_us >= 0 OR is_before AND since_us >= -span_us)
    GROUP BY customer_id, first_day, order_id, is_before
), activity AS (
    SELECT
        customer_id, first_day, is_before, day, orders, revenue, returned, 0 AS a, 0 AS b
    FROM placed
    UNION ALL
    SELECT
        customer_id, first_day, is_before, day, 0 AS orders, CAST(0 AS DECIMAL(18, 4)) AS revenue,
        CASE WHEN slot = 'returned' AND since_us + CASE WHEN is_before THEN span_us ELSE 0 END
            >= CAST($retention_days AS BIGINT) * 86400000000 THEN 1 ELSE 0 END AS returned,
        CASE WHEN slot = 'a' THEN worth ELSE 0 END AS a,
        CASE WHEN slot = 'b' THEN worth ELSE 0 END AS b
    FROM near_events
    WHERE since_us < span_us AND (since_us >= 0 OR is_before AND since_us >= -span_us)
), daily AS (
    SELECT
        customer_id, first_day,
        CASE WHEN is_before THEN first_day ELSE day END AS day,
        CAST(SUM(CASE WHEN is_before THEN 0 ELSE orders END) AS DECIMAL(18, 4)) AS orders,
        CAST(SUM(CASE WHEN is_before THEN 0 ELSE revenue END) AS DECIMAL(18, 4)) AS revenue,
        CAST(SUM(CASE WHEN is_before THEN 0 ELSE returned END) AS DECIMAL(18, 4)) AS returned,
        CAST(SUM(CASE WHEN is_before THEN 0 ELSE a END) AS DECIMAL(18, 4)) AS a,
        CAST(SUM(CASE WHEN is_before THEN 0 ELSE b END) AS DECIMAL(18, 4)) AS b,
        CAST(SUM(CASE WHEN is_before THEN orders ELSE 0 END) AS DECIMAL(18, 4)) AS orders_before,
        CAST(SUM(CASE WHEN is_before THEN revenue ELSE 0 END) AS DECIMAL(18, 4)) AS revenue_before,
        CAST(SUM(CASE WHEN is_before THEN returned ELSE 0 END) AS DECIMAL(18, 4)) AS returned_before,
        CAST(SUM(CASE WHEN is_before THEN a ELSE 0 END) AS DECIMAL(18, 4)) AS a_before,
        CAST(SUM(CASE WHEN is_before THEN b ELSE 0 END) AS DECIMAL(18, 4)) AS b_before
    FROM activity
    GROUP BY customer_id, first_day, CASE WHEN is_before THEN first_day ELSE day END
), running AS (
    SELECT
        customer_id, first_day, day,
        orders AS orders_today,
        revenue AS revenue_today,
        returned AS returned_today,
        a AS a_today,
        b AS b_today,
        CAST(SUM(orders) OVER so_far AS DECIMAL(18, 4)) AS orders,
        CAST(SUM(revenue) OVER so_far AS DECIMAL(18, 4)) AS revenue,
        CAST(SUM(returned) OVER so_far AS DECIMAL(18, 4)) AS returned,
        CAST(SUM(a) OVER so_far AS DECIMAL(18, 4)) AS a,
        CAST(SUM(b) OVER so_far AS DECIMAL(18, 4)) AS b,
        CAST(SUM(orders_before) OVER so_far AS DECIMAL(18, 4)) AS orders_before,
        CAST(SUM(revenue_before) OVER so_far AS DECIMAL(18, 4)) AS revenue_before,
        CAST(SUM(returned_before) OVER so_far AS DECIMAL(18, 4)) AS returned_before,
        CAST(SUM(a_before) OVER so_far AS DECIMAL(18, 4)) AS a_before,
        CAST(SUM(b_before) OVER so_far AS DECIMAL(18, 4)) AS b_before
    FROM daily
    WINDOW so_far AS (PARTITION BY customer_id ORDER BY day)
), wide AS (
    SELECT
        r.*, e.variant, e.segment, r.day = r.first_day AS is_first,
        r.orders - r.orders_today AS orders_earlier,
        r.revenue - r.revenue_today AS revenue_earlier,
        r.returned - r.returned_today AS returned_earlier,
        r.a - r.a_today AS a_earlier,
        r.b - r.b_today AS b_earlier
    FROM running AS r
    INNER JOIN exposed AS e ON e.customer_id = r.customer_id
), valued AS (
    SELECT
        w.variant, w.segment, m.metric, w.day, w.is_first,
        CASE m.value
            WHEN 'revenue' THEN w.revenue WHEN 'orders' THEN w.orders
            WHEN 'buyer' THEN CAST(CASE WHEN w.orders > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'returned' THEN CAST(CASE WHEN w.returned > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'a' THEN w.a WHEN 'b' THEN w.b
            WHEN 'any_a' THEN CAST(CASE WHEN w.a > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'any_b' THEN CAST(CASE WHEN w.b > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4)) END AS value,
        CASE m.denominator
            WHEN 'revenue' THEN w.revenue WHEN 'orders' THEN w.orders
            WHEN 'buyer' THEN CAST(CASE WHEN w.orders > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'returned' THEN CAST(CASE WHEN w.returned > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'a' THEN w.a WHEN 'b' THEN w.b
            WHEN 'any_a' THEN CAST(CASE WHEN w.a > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'any_b' THEN CAST(CASE WHEN w.b > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4)) END AS denominator,
        CASE m.value
            WHEN 'revenue' THEN w.revenue_earlier WHEN 'orders' THEN w.orders_earlier
            WHEN 'buyer' THEN CAST(CASE WHEN w.orders_earlier > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'returned' THEN CAST(CASE WHEN w.returned_earlier > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'a' THEN w.a_earlier WHEN 'b' THEN w.b_earlier
            WHEN 'any_a' THEN CAST(CASE WHEN w.a_earlier > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'any_b' THEN CAST(CASE WHEN w.b_earlier > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4)) END AS value_earlier,
        CASE m.denominator
            WHEN 'revenue' THEN w.revenue_earlier WHEN 'orders' THEN w.orders_earlier
            WHEN 'buyer' THEN CAST(CASE WHEN w.orders_earlier > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'returned' THEN CAST(CASE WHEN w.returned_earlier > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'a' THEN w.a_earlier WHEN 'b' THEN w.b_earlier
            WHEN 'any_a' THEN CAST(CASE WHEN w.a_earlier > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'any_b' THEN CAST(CASE WHEN w.b_earlier > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4)) END AS denominator_earlier,
        CASE m.value
            WHEN 'revenue' THEN w.revenue_before WHEN 'orders' THEN w.orders_before
            WHEN 'buyer' THEN CAST(CASE WHEN w.orders_before > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'returned' THEN CAST(CASE WHEN w.returned_before > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'a' THEN w.a_before WHEN 'b' THEN w.b_before
            WHEN 'any_a' THEN CAST(CASE WHEN w.a_before > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'any_b' THEN CAST(CASE WHEN w.b_before > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4)) END AS before,
        CASE m.denominator
            WHEN 'revenue' THEN w.revenue_before WHEN 'orders' THEN w.orders_before
            WHEN 'buyer' THEN CAST(CASE WHEN w.orders_before > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'returned' THEN CAST(CASE WHEN w.returned_before > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'a' THEN w.a_before WHEN 'b' THEN w.b_before
            WHEN 'any_a' THEN CAST(CASE WHEN w.a_before > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4))
            WHEN 'any_b' THEN CAST(CASE WHEN w.b_before > 0 THEN 1 ELSE 0 END AS DECIMAL(18, 4)) END AS denominator_before
    FROM wide AS w
    CROSS JOIN measures AS m
), judged AS (
    SELECT
        f.variant, f.segment, f.day,
        CASE WHEN f.variant IS NOT NULL AND f.from_us
            + COALESCE(CAST($window_days AS BIGINT), 0) * 86400000000
            <= date_diff('day', CAST('1970-01-01' AS DATE), CAST($as_of AS DATE)) * 86400000000
            THEN 1 ELSE 0 END AS counts,
        CASE WHEN f.day >= CAST($as_of AS DATE) THEN 1 ELSE 0 END AS is_late
    FROM persons AS f
    WHERE $is_first
)
SELECT
    'sums' AS part, variant, segment, metric, day,
    CAST(NULL AS BIGINT) AS assigned, CAST(NULL AS BIGINT) AS customers,
    CAST(NULL AS BIGINT) AS late,
    SUM(value - value_earlier) AS value,
    SUM(denominator - denominator_earlier) AS denominator,
    SUM(CASE WHEN is_first THEN before ELSE 0 END) AS before,
    SUM(CASE WHEN is_first THEN denominator_before ELSE 0 END) AS denominator_before,
    SUM(CAST(value - value_earlier AS DECIMAL(19, 4)) * CAST(value + value_earlier AS DECIMAL(18, 4))) AS value_squared,
    SUM(CAST(denominator - denominator_earlier AS DECIMAL(19, 4)) * CAST(denominator + denominator_earlier AS DECIMAL(18, 4))) AS denominator_squared,
    SUM(CASE WHEN is_first THEN CAST(before AS DECIMAL(19, 4)) * before ELSE 0 END) AS before_squared,
    SUM(CASE WHEN is_first THEN CAST(denominator_before AS DECIMAL(19, 4)) * denominator_before ELSE 0 END) AS denominator_before_squared,
    SUM(CAST(value AS DECIMAL(19, 4)) * denominator - CAST(value_earlier AS DECIMAL(19, 4)) * denominator_earlier) AS value_by_denominator,
    SUM(CAST(value - value_earlier AS DECIMAL(19, 4)) * before) AS value_by_before,
    SUM(CAST(value - value_earlier AS DECIMAL(19, 4)) * denominator_before) AS value_by_denominator_before,
    SUM(CAST(denominator - denominator_earlier AS DECIMAL(19, 4)) * before) AS denominator_by_before,
    SUM(CAST(denominator - denominator_earlier AS DECIMAL(19, 4)) * denominator_before) AS denominator_by_denominator_before,
    SUM(CASE WHEN is_first THEN CAST(before AS DECIMAL(19, 4)) * denominator_before ELSE 0 END) AS before_by_denominator_before
FROM valued
WHERE value <> value_earlier OR denominator <> denominator_earlier
    OR is_first AND (before <> 0 OR denominator_before <> 0)
GROUP BY variant, segment, metric, day
UNION ALL
SELECT
    'sizes' AS part, variant, segment, CAST(NULL AS BIGINT) AS metric, day, COUNT(*) AS assigned,
    CAST(SUM(counts) AS BIGINT) AS customers, CAST(SUM(is_late) AS BIGINT) AS late,
    NULL AS value, NULL AS denominator, NULL AS before, NULL AS denominator_before,
    NULL AS value_squared,
    NULL AS denominator_squared,
    NULL AS before_squared,
    NULL AS denominator_before_squared,
    NULL AS value_by_denominator,
    NULL AS value_by_before,
    NULL AS value_by_denominator_before,
    NULL AS denominator_by_before,
    NULL AS denominator_by_denominator_before,
    NULL AS before_by_denominator_before
FROM judged
GROUP BY variant, segment, day
ORDER BY part, metric, variant NULLS LAST, segment NULLS FIRST, day
