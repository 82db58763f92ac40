-- One row: an order and a touch that came before it; an order without any has one row.
-- Columns: number (of the order); is_new (whether it is the customer's first); revenue (money);
--   part (the channel or campaign; NULL: none); age_us (microseconds from touch to order); place (of
--   the touch, the first is 1); touches (of the order).
-- Parameters: $by (channel or campaign). Reads the kept table touched.
SELECT
    number, is_new, revenue, CASE $by WHEN 'channel' THEN channel ELSE campaign END AS part,
    age_us, place, touches
FROM touched
