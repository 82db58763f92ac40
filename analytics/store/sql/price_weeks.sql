-- One row: a product in a week at one price.
-- Columns: product_id; week (whole weeks from Monday 29 December 1969 to the Monday it begins on);
--   price (money of one unit before discounts, in the analysed currency); units; reduced_units (sold
--   with a discount or a coupon); paid (money, less discounts); revenue (paid, less refunds).
-- Parameters: $until_day (date; the first that does not count).
WITH priced AS (
    SELECT
        product_id, quantity, worth,
        CAST(floor(CAST(date_diff('day', CAST('1969-12-29' AS DATE), day) AS DOUBLE) / 7) AS BIGINT)
            AS week,
        CASE
            WHEN unit_price IS NOT NULL AND worth = amount THEN unit_price
            WHEN unit_price IS NOT NULL THEN CAST(
                CAST(unit_price AS DOUBLE) * CAST(worth AS DOUBLE)
                / NULLIF(CAST(amount AS DOUBLE), 0) AS DECIMAL(18, 4)
            )
            ELSE CAST(
                CAST(worth + COALESCE(discount, 0) AS DOUBLE)
                / NULLIF(CAST(quantity AS DOUBLE), 0) AS DECIMAL(18, 4)
            )
        END AS price,
        COALESCE(discount, 0) > 0 OR coupon IS NOT NULL AS reduced,
        CAST(worth - worth_taken_back AS DECIMAL(18, 4)) AS revenue
    FROM order_fates
    WHERE fate = 'analysed' AND state = 'sale' AND product_id IS NOT NULL AND quantity > 0
        AND day < CAST($until_day AS DATE)
)
SELECT
    product_id, week, price,
    SUM(quantity) AS units,
    SUM(CASE WHEN reduced THEN quantity ELSE 0 END) AS reduced_units,
    CAST(SUM(worth) AS DECIMAL(38, 4)) AS paid,
    CAST(SUM(revenue) AS DECIMAL(38, 4)) AS revenue
FROM priced
WHERE price > 0
GROUP BY product_id, week, price
ORDER BY product_id, week, price
