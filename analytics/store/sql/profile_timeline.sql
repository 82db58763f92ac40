-- One row: what one customer did or what was done for them before the as-of day, newest first: an
--   order (its lines together), a return, an event, the sign-up, being put into an experiment.
-- Columns: happened_at (shop time); kind (order, return, event, campaign: an event of a named campaign,
--   sign-up, experiment); what (order number, event or experiment); product (name; of several the
--   first by name); products (different ones); items (pieces); revenue (money that counts; NULL
--   where nothing of it does); channel; detail (campaign or variant); status (of an order, as the
--   shop gave it); fate (of an order: analysed, or why it does not count); all_rows (of all pages).
-- Parameters: $customer_id, $as_of (date), $kind (NULL: any), $limit, $offset (rows).
WITH lines AS (
    SELECT
        o.order_id, o.ordered_at, o.quantity, o.channel, o.status, o.fate, o.product_id,
        COALESCE(p.name, o.product_id) AS product,
        CASE WHEN o.state IN ('return', 'cancelled_invoice') THEN 'return' ELSE 'order' END AS kind,
        CASE WHEN o.fate = 'analysed'
            THEN CAST(o.worth - o.worth_taken_back AS DECIMAL(18, 4))
        END AS revenue
    FROM order_fates AS o
    LEFT JOIN products AS p ON p.product_id = o.product_id
    WHERE o.customer_id = $customer_id AND o.day < CAST($as_of AS DATE)
        AND o.fate NOT IN ('rejected', 'duplicate', 'elsewhere')
), happened AS (
    SELECT
        MIN(ordered_at) AS happened_at, kind, order_id AS what, MIN(product) AS product,
        COUNT(DISTINCT product_id) AS products,
        CAST(SUM(COALESCE(quantity, 1)) AS DECIMAL(38, 4)) AS items,
        CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue,
        MIN(channel) AS channel, CAST(NULL AS VARCHAR) AS detail, MIN(status) AS status,
        MIN(CASE WHEN fate = 'analysed' THEN fate END) AS counted, MIN(fate) AS fate
    FROM lines
    GROUP BY kind, order_id
    UNION ALL
    SELECT
        e.occurred_at AS happened_at,
        CASE WHEN e.campaign IS NULL THEN 'event' ELSE 'campaign' END AS kind,
        e.event AS what, COALESCE(p.name, e.product_id) AS product,
        CAST(NULL AS BIGINT) AS products, CAST(NULL AS DECIMAL(38, 4)) AS items,
        CAST(NULL AS DECIMAL(38, 4)) AS revenue, e.channel, e.campaign AS detail,
        CAST(NULL AS VARCHAR) AS status, CAST(NULL AS VARCHAR) AS counted,
        CAST(NULL AS VARCHAR) AS fate
    FROM events AS e
    LEFT JOIN products AS p ON p.product_id = e.product_id
    WHERE e.customer_id = $customer_id AND e.day < CAST($as_of AS DATE)
    UNION ALL
    SELECT
        signed_up_at AS happened_at, 'sign-up' AS kind, CAST(NULL AS VARCHAR) AS what,
        CAST(NULL AS VARCHAR) AS product, CAST(NULL AS BIGINT) AS products,
        CAST(NULL AS DECIMAL(38, 4)) AS items, CAST(NULL AS DECIMAL(38, 4)) AS revenue,
        CAST(NULL AS VARCHAR) AS channel, CAST(NULL AS VARCHAR) AS detail,
        CAST(NULL AS VARCHAR) AS status, CAST(NULL AS VARCHAR) AS counted,
        CAST(NULL AS VARCHAR) AS fate
    FROM customers
    WHERE customer_id = $customer_id AND CAST(signed_up_at AS DATE) < CAST($as_of AS DATE)
    UNION ALL
    SELECT
        assigned_at AS happened_at, 'experiment' AS kind, experiment AS what,
        CAST(NULL AS VARCHAR) AS product, CAST(NULL AS BIGINT) AS products,
        CAST(NULL AS DECIMAL(38, 4)) AS items, CAST(NULL AS DECIMAL(38, 4)) AS revenue,
        CAST(NULL AS VARCHAR) AS channel, variant AS detail,
        CAST(NULL AS VARCHAR) AS status, CAST(NULL AS VARCHAR) AS counted,
        CAST(NULL AS VARCHAR) AS fate
    FROM assignments
    WHERE customer_id = $customer_id AND day < CAST($as_of AS DATE)
)
SELECT
    happened_at, kind, what, product, products, items, revenue, channel, detail, status,
    COALESCE(counted, fate) AS fate,
    COUNT(*) OVER () AS all_rows
FROM happened
WHERE CAST($kind AS VARCHAR) IS NULL OR kind = $kind
ORDER BY
    happened_at DESC, kind, what NULLS LAST, product NULLS LAST, channel NULLS LAST, detail NULLS LAST
LIMIT $limit OFFSET $offset
