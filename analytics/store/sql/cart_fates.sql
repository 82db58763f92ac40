-- One row: what became of carts, and of how many.
-- Columns: fate (bought, later or left); customers; with_value (of these, with a known value); value
--   (money: prices of what was in the cart, as far as known).
-- Parameters: none. Reads the kept table carts.
SELECT
    fate, COUNT(*) AS customers, COUNT(value) AS with_value,
    CAST(SUM(value) AS DECIMAL(38, 4)) AS value
FROM carts
GROUP BY fate
ORDER BY fate
