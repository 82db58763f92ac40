-- One row: two items that at least so many baskets hold together.
-- Columns: item_1, item_2 (their numbers, item_1 the smaller); baskets (that hold both).
-- Parameters: $least (baskets). Reads the handed table baskets (basket, item: numbers, once each).
WITH frequent AS (
    SELECT item FROM baskets GROUP BY item HAVING COUNT(*) >= $least
),
held AS (
    SELECT b.basket, b.item
    FROM baskets AS b
    INNER JOIN frequent AS f ON f.item = b.item
)
SELECT x.item AS item_1, y.item AS item_2, COUNT(*) AS baskets
FROM held AS x
INNER JOIN held AS y ON y.basket = x.basket AND x.item < y.item
GROUP BY x.item, y.item
HAVING COUNT(*) >= $least
