-- One row: the orders of the shop.
-- Columns: day (of the first order line; NULL without one).
-- Parameters: none.
SELECT MIN(day) AS day FROM orders
