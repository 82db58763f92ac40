-- One row: a set of items and a basket that holds all of it.
-- Columns: shorter (the set's number); basket.
-- Parameters: none. Reads the handed tables baskets (basket, item: numbers, once each), longer
--   (number; shorter, the number of the set without its last item; item, the last) and held
--   (shorter, basket: the same of the sets without their last items).
SELECT l.number AS shorter, h.basket
FROM longer AS l
INNER JOIN held AS h ON h.shorter = l.shorter
WHERE EXISTS (SELECT 1 FROM baskets AS b WHERE b.basket = h.basket AND b.item = l.item)
