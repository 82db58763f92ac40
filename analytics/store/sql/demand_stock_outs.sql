-- One row: days on which a product was marked as out of stock.
-- Columns: product_id; first_day, last_day (dates, both within).
-- Parameters: none.
SELECT product_id, first_day, last_day
FROM stock_outs
ORDER BY product_id, first_day
