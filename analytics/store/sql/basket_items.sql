-- One row: an item among the most ordered ones, the most ordered first.
-- Columns: item; baskets (orders that hold it).
-- Parameters: $limit (at most so many). Reads the kept table lines (basket_id, customer_id, day,
--   item).
SELECT item, COUNT(*) AS baskets
FROM lines
GROUP BY item
ORDER BY baskets DESC NULLS LAST, item
LIMIT $limit
