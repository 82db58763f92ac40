-- One row: an order line outside Tukey's fences, or in an even sample of about $limit lines, among
--   all lines that count, bring money and are no return.
-- Columns: order_id; customer_id; product_id; ordered_at; quantity; unit_price; amount (money, line
--   total); usual_quantity, usual_price, usual_amount (medians over the product's lines where it has
--   five, else over the shop's); is_own (true: the product's); quantity_beyond, price_beyond,
--   amount_beyond (how far ln(value ÷ usual) lies below the first or above the third quartile, in
--   interquartile ranges; 0 in between, more than 1.5 is outside; NULL where the value is unknown);
--   is_sampled; lines (how many there are in all).
-- Parameters: $limit (lines to sample).
-- Quartiles are values that occur (the smallest with a quarter or three quarters of the lines at or
-- below it), taken by counting, apart for lines with the product's medians and with the shop's. The
-- interquartile range counts as ln 3 at least, as quantities are whole and prices often fixed. The
-- sample is by record_no times the golden ratio (Knuth, The Art of Computer Programming 3, 6.4).
WITH groups AS (
    SELECT
        product_id,
        CASE WHEN quantity > 0 THEN ln(CAST(quantity AS DOUBLE)) END AS quantity,
        CASE
            WHEN unit_price > 0 THEN ln(CAST(unit_price AS DOUBLE))
            WHEN unit_price IS NULL AND quantity > 0 THEN ln(CAST(amount AS DOUBLE)) - ln(CAST(quantity AS DOUBLE))
        END AS price,
        ln(CAST(amount AS DOUBLE)) AS amount,
        COUNT(*) AS lines
    FROM order_fates
    WHERE fate = 'analysed' AND state = 'sale'
    GROUP BY order_fates.product_id, order_fates.quantity, order_fates.unit_price, order_fates.amount
), sizes AS (
    SELECT product_id, SUM(lines) >= 5 AS is_own
    FROM groups
    WHERE product_id IS NOT NULL
    GROUP BY product_id
), measured AS (
    SELECT g.product_id, COALESCE(s.is_own, FALSE) AS is_own, 'quantity' AS measure, g.quantity AS value, g.lines
    FROM groups AS g LEFT JOIN sizes AS s ON s.product_id = g.product_id WHERE g.quantity IS NOT NULL
    UNION ALL
    SELECT g.product_id, COALESCE(s.is_own, FALSE) AS is_own, 'price' AS measure, g.price AS value, g.lines
    FROM groups AS g LEFT JOIN sizes AS s ON s.product_id = g.product_id WHERE g.price IS NOT NULL
    UNION ALL
    SELECT g.product_id, COALESCE(s.is_own, FALSE) AS is_own, 'amount' AS measure, g.amount AS value, g.lines
    FROM groups AS g LEFT JOIN sizes AS s ON s.product_id = g.product_id
), counted AS (
    SELECT product_id, measure, value, SUM(lines) AS lines
    FROM measured WHERE is_own GROUP BY product_id, measure, value
    UNION ALL
    SELECT CAST(NULL AS VARCHAR) AS product_id, measure, value, SUM(lines) AS lines
    FROM measured GROUP BY measure, value
), reached AS (
    SELECT
        product_id, measure, value,
        SUM(lines) OVER (PARTITION BY product_id, measure ORDER BY value) AS up_to,
        SUM(lines) OVER (PARTITION BY product_id, measure) AS total
    FROM counted
), medians AS (
    SELECT product_id, measure, MIN(value) AS usual
    FROM reached
    WHERE 2 * up_to >= total
    GROUP BY product_id, measure
), own AS (
    SELECT
        product_id,
        MAX(CASE WHEN measure = 'quantity' THEN usual END) AS quantity,
        MAX(CASE WHEN measure = 'price' THEN usual END) AS price,
        MAX(CASE WHEN measure = 'amount' THEN usual END) AS amount
    FROM medians
    WHERE product_id IS NOT NULL
    GROUP BY product_id
), shop AS (
    SELECT
        MAX(CASE WHEN measure = 'quantity' THEN usual END) AS quantity,
        MAX(CASE WHEN measure = 'price' THEN usual END) AS price,
        MAX(CASE WHEN measure = 'amount' THEN usual END) AS amount
    FROM medians
    WHERE product_id IS NULL
), ratios AS (
    SELECT
        m.is_own, m.measure,
        m.value - CASE WHEN m.is_own THEN o.usual ELSE s.usual END AS ratio,
        SUM(m.lines) AS lines
    FROM measured AS m
    LEFT JOIN medians AS o ON o.product_id = m.product_id AND o.measure = m.measure
    LEFT JOIN medians AS s ON s.product_id IS NULL AND s.measure = m.measure
    GROUP BY m.is_own, m.measure, m.value - CASE WHEN m.is_own THEN o.usual ELSE s.usual END
), ranked AS (
    SELECT
        is_own, measure, ratio,
        SUM(lines) OVER (PARTITION BY is_own, measure ORDER BY ratio) AS up_to,
        SUM(lines) OVER (PARTITION BY is_own, measure) AS total
    FROM ratios
), quartiles AS (
    SELECT
        is_own, measure,
        MIN(CASE WHEN 4 * up_to >= total THEN ratio END) AS q1,
        MIN(CASE WHEN 4 * up_to >= 3 * total THEN ratio END) AS q3
    FROM ranked
    GROUP BY is_own, measure
), spread AS (
    SELECT is_own, measure, q1, q3, CASE WHEN q3 - q1 > ln(3.0) THEN q3 - q1 ELSE ln(3.0) END AS iqr
    FROM quartiles
), total AS (
    SELECT CAST(SUM(lines) AS BIGINT) AS lines FROM groups
), lines AS (
    SELECT
        f.order_id, f.customer_id, f.product_id, f.ordered_at, f.quantity, f.unit_price, f.amount,
        CASE WHEN f.quantity > 0 THEN ln(CAST(f.quantity AS DOUBLE)) END
            - CASE WHEN o.product_id IS NULL THEN s.quantity ELSE o.quantity END AS quantity_ratio,
        CASE
            WHEN f.unit_price > 0 THEN ln(CAST(f.unit_price AS DOUBLE))
            WHEN f.unit_price IS NULL AND f.quantity > 0 THEN ln(CAST(f.amount AS DOUBLE)) - ln(CAST(f.quantity AS DOUBLE))
        END - CASE WHEN o.product_id IS NULL THEN s.price ELSE o.price END AS price_ratio,
        ln(CAST(f.amount AS DOUBLE))
            - CASE WHEN o.product_id IS NULL THEN s.amount ELSE o.amount END AS amount_ratio,
        exp(CASE WHEN o.product_id IS NULL THEN s.quantity ELSE o.quantity END) AS usual_quantity,
        exp(CASE WHEN o.product_id IS NULL THEN s.price ELSE o.price END) AS usual_price,
        exp(CASE WHEN o.product_id IS NULL THEN s.amount ELSE o.amount END) AS usual_amount,
        o.product_id IS NOT NULL AS is_own,
        (f.record_no + f.batch_id * 7919) * 2654435769 % 4294967296 * t.lines
            < CAST($limit AS BIGINT) * 4294967296 AS is_sampled,
        t.lines
    FROM order_fates AS f
    LEFT JOIN own AS o ON o.product_id = f.product_id
    CROSS JOIN shop AS s
    CROSS JOIN total AS t
    WHERE f.fate = 'analysed' AND f.state = 'sale'
), judged AS (
    SELECT
        l.order_id, l.customer_id, l.product_id, l.ordered_at, l.quantity, l.unit_price, l.amount,
        l.usual_quantity, l.usual_price, l.usual_amount, l.is_own, l.is_sampled, l.lines,
        CASE
            WHEN l.quantity_ratio > q.q3 THEN CAST(l.quantity_ratio - q.q3 AS DOUBLE) / NULLIF(q.iqr, 0)
            WHEN l.quantity_ratio < q.q1 THEN CAST(q.q1 - l.quantity_ratio AS DOUBLE) / NULLIF(q.iqr, 0)
            WHEN l.quantity_ratio IS NOT NULL THEN CAST(0 AS DOUBLE)
        END AS quantity_beyond,
        CASE
            WHEN l.price_ratio > p.q3 THEN CAST(l.price_ratio - p.q3 AS DOUBLE) / NULLIF(p.iqr, 0)
            WHEN l.price_ratio < p.q1 THEN CAST(p.q1 - l.price_ratio AS DOUBLE) / NULLIF(p.iqr, 0)
            WHEN l.price_ratio IS NOT NULL THEN CAST(0 AS DOUBLE)
        END AS price_beyond,
        CASE
            WHEN l.amount_ratio > a.q3 THEN CAST(l.amount_ratio - a.q3 AS DOUBLE) / NULLIF(a.iqr, 0)
            WHEN l.amount_ratio < a.q1 THEN CAST(a.q1 - l.amount_ratio AS DOUBLE) / NULLIF(a.iqr, 0)
            WHEN l.amount_ratio IS NOT NULL THEN CAST(0 AS DOUBLE)
        END AS amount_beyond
    FROM lines AS l
    LEFT JOIN spread AS q ON q.is_own = l.is_own AND q.measure = 'quantity'
    LEFT JOIN spread AS p ON p.is_own = l.is_own AND p.measure = 'price'
    LEFT JOIN spread AS a ON a.is_own = l.is_own AND a.measure = 'amount'
)
SELECT
    order_id, customer_id, product_id, ordered_at, quantity, unit_price, amount,
    usual_quantity, usual_price, usual_amount, is_own,
    quantity_beyond, price_beyond, amount_beyond, is_sampled, lines
FROM judged
WHERE is_sampled OR quantity_beyond > 1.5 OR price_beyond > 1.5 OR amount_beyond > 1.5
