-- One row: all orders that say what was bought.
-- Columns: baskets (orders); items (different ones in all); customers (known ones).
-- Parameters: none. Reads the kept table lines (basket_id, customer_id, day, item).
SELECT
    COUNT(DISTINCT basket_id) AS baskets, COUNT(DISTINCT item) AS items,
    COUNT(DISTINCT customer_id) AS customers
FROM lines
