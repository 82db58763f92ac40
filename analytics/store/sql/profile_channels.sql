-- One row: a channel that orders came through, by name.
-- Columns: channel.
-- Parameters: none.
SELECT channel FROM orders WHERE channel IS NOT NULL GROUP BY channel ORDER BY channel
