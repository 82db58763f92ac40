-- One row: a customer who put something into the cart, by what became of it.
-- Columns: customer_id; name; email; phone; city; country; cart_at (their latest cart event);
--   products (different ones in the cart, as far as told); value (money: their prices, as far as
--   known); dearest (the dearest of them); opted_out (true: must not be addressed).
-- Parameters: $fate (left, later or bought). Reads the kept table carts.
SELECT
    k.customer_id, c.name, c.email, c.phone, c.city, c.country, k.cart_at, k.products, k.value,
    k.dearest, o.customer_id IS NOT NULL AS opted_out
FROM carts AS k
LEFT JOIN customers AS c ON c.customer_id = k.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = k.customer_id
WHERE k.fate = $fate
