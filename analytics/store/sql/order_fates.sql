-- One row: a line of an order file, with what becomes of it.
-- Columns: batch_id; record_no (line of the file); every field of orders (customer_id: the one id
--   that stands for the person, see same_person.py); state (what the line is);
--   day; hour (0 to 23); at_us (microseconds since 1970, shop time);
--   fate: rejected, duplicate, elsewhere, other_currency, test, cancelled, cancelled_invoice, return,
--   free, guest (the reasons a line is left out) or analysed; taken_back (money refunded on the
--   line); worth, worth_taken_back (the same money in the analysed currency; NULL without a rate).
-- Parameters: none. This text is the view order_fates.
SELECT
    l.batch_id, l.record_no, l.order_id, l.line_no,
    COALESCE(s.customer_id, l.customer_id) AS customer_id, l.ordered_at, l.product_id,
    l.quantity, l.unit_price, l.discount, l.amount, l.refunded, l.status, l.currency, l.channel,
    l.coupon, l.city, l.country, l.state, l.day, l.hour, l.at_us,
    COALESCE(l.refunded, CAST(0 AS DECIMAL(18, 4))) AS taken_back,
    CASE
        WHEN p.currency IS NULL OR l.currency IS NULL OR l.currency = p.currency THEN l.amount
        ELSE CAST(l.amount * r.rate AS DECIMAL(18, 4))
    END AS worth,
    CASE
        WHEN l.refunded IS NULL THEN CAST(0 AS DECIMAL(18, 4))
        WHEN p.currency IS NULL OR l.currency IS NULL OR l.currency = p.currency THEN l.refunded
        ELSE CAST(l.refunded * r.rate AS DECIMAL(18, 4))
    END AS worth_taken_back,
    CASE
        WHEN l.state = 'duplicate' THEN 'duplicate'
        WHEN l.reason IS NOT NULL THEN 'rejected'
        WHEN NOT l.current THEN 'elsewhere'
        WHEN l.currency <> p.currency AND r.rate IS NULL THEN 'other_currency'
        WHEN l.state IN ('test', 'cancelled') THEN l.state
        WHEN l.state IN ('cancelled_invoice', 'return') AND p.returns = 'leave_out' THEN l.state
        WHEN l.state = 'free' AND p.zero_price = 'leave_out' THEN 'free'
        WHEN l.customer_id IS NULL AND p.guests = 'leave_out' THEN 'guest'
        ELSE 'analysed'
    END AS fate
FROM orders_lines AS l
CROSS JOIN policy AS p
LEFT JOIN rates AS r ON r.currency = l.currency
LEFT JOIN same_person AS s ON s.other_id = l.customer_id
