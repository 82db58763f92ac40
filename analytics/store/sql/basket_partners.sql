-- One row: an item of a cart and one that some orders hold beside it.
-- Columns: item (of the cart); partner; baskets (orders that hold both); item_baskets,
--   partner_baskets (that hold each).
-- Parameters: $least (baskets that hold both). Reads the handed table cart (item) and the kept
--   table lines (basket_id, customer_id, day, item).
WITH counts AS (
    SELECT item, COUNT(*) AS baskets FROM lines GROUP BY item
),
together AS (
    SELECT x.item, y.item AS partner, COUNT(*) AS baskets
    FROM cart AS c
    INNER JOIN lines AS x ON x.item = c.item
    INNER JOIN lines AS y ON y.basket_id = x.basket_id AND y.item <> x.item
    GROUP BY x.item, y.item
    HAVING COUNT(*) >= $least
)
SELECT t.item, t.partner, t.baskets, i.baskets AS item_baskets, p.baskets AS partner_baskets
FROM together AS t
INNER JOIN counts AS i ON i.item = t.item
INNER JOIN counts AS p ON p.item = t.partner
ORDER BY t.item, t.partner
