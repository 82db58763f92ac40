-- One row: a set of items that at least so many baskets hold as a whole.
-- Columns: number (the set's); baskets (that hold all of it).
-- Parameters: $least (baskets). Reads the handed tables baskets (basket, item: numbers, once each),
--   longer (number; shorter, the number of the set without its last item; item, the last) and held
--   (shorter, basket: which baskets hold the sets without their last items).
SELECT l.number, COUNT(*) AS baskets
FROM longer AS l
INNER JOIN held AS h ON h.shorter = l.shorter
WHERE EXISTS (SELECT 1 FROM baskets AS b WHERE b.basket = h.basket AND b.item = l.item)
GROUP BY l.number
HAVING COUNT(*) >= $least
