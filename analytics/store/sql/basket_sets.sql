-- One row: a set of items that at least one basket holds as a whole.
-- Columns: candidate (the set's number); baskets (that hold all of it).
-- Parameters: $others (items of each set besides its first). Reads the handed tables baskets
--   (basket, item: numbers, once each) and candidates (candidate; place, from 1; item), in which
--   each set begins with its rarest item, so that few baskets are looked into.
WITH found AS (
    SELECT a.candidate, f.basket
    FROM candidates AS a
    INNER JOIN baskets AS f ON f.item = a.item
    INNER JOIN candidates AS o ON o.candidate = a.candidate AND o.place > 1
    WHERE a.place = 1
        AND EXISTS (SELECT 1 FROM baskets AS b WHERE b.basket = f.basket AND b.item = o.item)
    GROUP BY a.candidate, f.basket
    HAVING COUNT(*) = $others
)
SELECT candidate, COUNT(*) AS baskets
FROM found
GROUP BY candidate
