-- One row: two items that at least so many baskets hold together.
-- Columns: item_1, item_2 (their numbers, item_1 the smaller); baskets (that hold both).
-- Parameters: $least (baskets). Reads the handed table baskets (basket, item: numbers, once each;
--   only frequent items, which at least so many baskets hold: others can be in no such pair).
SELECT x.item AS item_1, y.item AS item_2, COUNT(*) AS baskets
FROM baskets AS x
INNER JOIN baskets AS y ON y.basket = x.basket AND x.item < y.item
GROUP BY x.item, y.item
HAVING COUNT(*) >= $least
