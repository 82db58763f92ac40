-- One row: an order line of one customer in any import, whether it counts or not, by import.
-- Columns: file_name; batch_id; record_no (line of the file); every field of orders; product;
--   category; state; fate (what becomes of it; analysed: it counts); worth, worth_taken_back (the
--   money in the analysed currency, and of it what was refunded); reason (why it is not used); raw
--   (the record as it came, where it is not used).
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT
    b.file_name, f.batch_id, f.record_no, f.order_id, f.line_no, l.customer_id, f.ordered_at,
    f.product_id, p.name AS product, p.category, f.quantity, f.unit_price, f.discount, f.amount,
    f.refunded, f.status, f.currency, f.channel, f.coupon, f.city, f.country, f.state, f.fate,
    f.worth, f.worth_taken_back, l.reason, l.raw
FROM order_fates AS f
INNER JOIN orders_lines AS l ON l.batch_id = f.batch_id AND l.record_no = f.record_no
LEFT JOIN batches AS b ON b.batch_id = f.batch_id
LEFT JOIN products AS p ON p.product_id = f.product_id
WHERE f.customer_id IN (SELECT customer_id FROM ids)
    AND l.customer_id IN (SELECT customer_id FROM ids)
ORDER BY f.batch_id, f.record_no
