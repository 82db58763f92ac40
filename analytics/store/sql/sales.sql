-- One row: an order line that counts, by the shop's policy. The one definition of revenue.
-- Columns: order_id; customer_id (NULL: guest); ordered_at; day; hour (0 to 23); at_us
--   (microseconds since 1970, shop time); product_id; quantity; discount (money); revenue (money
--   in the analysed currency: line total less what was refunded on it; negative for a return); is_order (false for returns
--   and cancelled invoices, which are no orders of their own); currency; channel; coupon; city; country.
-- Parameters: none. This text is the view sales.
SELECT
    order_id, customer_id, ordered_at, day, hour, at_us, product_id, quantity, discount,
    CAST(worth - worth_taken_back AS DECIMAL(18, 4)) AS revenue,
    state IN ('sale', 'free') AS is_order,
    currency, channel, coupon, city, country
FROM order_fates
WHERE fate = 'analysed'
