-- One row: a field of a table of the shop.
-- Columns: table; field; rows (of the table); filled (rows that have a value).
-- Parameters: none.
WITH orders_filled AS (
    SELECT
        COUNT(*) AS all_rows, COUNT(order_id) AS order_id, COUNT(line_no) AS line_no,
        COUNT(customer_id) AS customer_id, COUNT(ordered_at) AS ordered_at,
        COUNT(product_id) AS product_id, COUNT(quantity) AS quantity,
        COUNT(unit_price) AS unit_price, COUNT(discount) AS discount, COUNT(amount) AS amount,
        COUNT(refunded) AS refunded, COUNT(status) AS status, COUNT(currency) AS currency,
        COUNT(channel) AS channel, COUNT(coupon) AS coupon, COUNT(city) AS city,
        COUNT(country) AS country
    FROM orders
),
events_filled AS (
    SELECT
        COUNT(*) AS all_rows, COUNT(customer_id) AS customer_id, COUNT(session_id) AS session_id,
        COUNT(occurred_at) AS occurred_at, COUNT(event) AS event, COUNT(product_id) AS product_id,
        COUNT(channel) AS channel, COUNT(campaign) AS campaign, COUNT(value) AS value
    FROM events
),
customers_filled AS (
    SELECT
        COUNT(*) AS all_rows, COUNT(customer_id) AS customer_id, COUNT(email) AS email,
        COUNT(phone) AS phone, COUNT(name) AS name, COUNT(signed_up_at) AS signed_up_at,
        COUNT(birth_date) AS birth_date, COUNT(age) AS age, COUNT(gender) AS gender,
        COUNT(city) AS city, COUNT(country) AS country, COUNT(consent) AS consent
    FROM customers
),
products_filled AS (
    SELECT
        COUNT(*) AS all_rows, COUNT(product_id) AS product_id, COUNT(name) AS name,
        COUNT(category) AS category, COUNT(brand) AS brand, COUNT(price) AS price,
        COUNT(cost) AS cost, COUNT(stock) AS stock, COUNT(lead_time_days) AS lead_time_days,
        COUNT(launched_at) AS launched_at
    FROM products
),
assignments_filled AS (
    SELECT
        COUNT(*) AS all_rows, COUNT(experiment) AS experiment, COUNT(customer_id) AS customer_id,
        COUNT(variant) AS variant, COUNT(assigned_at) AS assigned_at
    FROM assignments
),
spend_filled AS (
    SELECT
        COUNT(*) AS all_rows, COUNT(day) AS day, COUNT(channel) AS channel,
        COUNT(campaign) AS campaign, COUNT(cost) AS cost
    FROM spend
),
stock_levels_filled AS (
    SELECT
        COUNT(*) AS all_rows, COUNT(product_id) AS product_id, COUNT(day) AS day,
        COUNT(stock) AS stock
    FROM stock_levels
),
matches_filled AS (
    SELECT COUNT(*) AS all_rows, COUNT(customer_id) AS customer_id, COUNT(other_id) AS other_id
    FROM matches
)
SELECT 'orders' AS "table", 'order_id' AS field, all_rows AS rows, order_id AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'line_no' AS field, all_rows AS rows, line_no AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'customer_id' AS field, all_rows AS rows, customer_id AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'ordered_at' AS field, all_rows AS rows, ordered_at AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'product_id' AS field, all_rows AS rows, product_id AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'quantity' AS field, all_rows AS rows, quantity AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'unit_price' AS field, all_rows AS rows, unit_price AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'discount' AS field, all_rows AS rows, discount AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'amount' AS field, all_rows AS rows, amount AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'refunded' AS field, all_rows AS rows, refunded AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'status' AS field, all_rows AS rows, status AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'currency' AS field, all_rows AS rows, currency AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'channel' AS field, all_rows AS rows, channel AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'coupon' AS field, all_rows AS rows, coupon AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'city' AS field, all_rows AS rows, city AS filled FROM orders_filled
UNION ALL
SELECT 'orders' AS "table", 'country' AS field, all_rows AS rows, country AS filled FROM orders_filled
UNION ALL
SELECT 'events' AS "table", 'customer_id' AS field, all_rows AS rows, customer_id AS filled FROM events_filled
UNION ALL
SELECT 'events' AS "table", 'session_id' AS field, all_rows AS rows, session_id AS filled FROM events_filled
UNION ALL
SELECT 'events' AS "table", 'occurred_at' AS field, all_rows AS rows, occurred_at AS filled FROM events_filled
UNION ALL
SELECT 'events' AS "table", 'event' AS field, all_rows AS rows, event AS filled FROM events_filled
UNION ALL
SELECT 'events' AS "table", 'product_id' AS field, all_rows AS rows, product_id AS filled FROM events_filled
UNION ALL
SELECT 'events' AS "table", 'channel' AS field, all_rows AS rows, channel AS filled FROM events_filled
UNION ALL
SELECT 'events' AS "table", 'campaign' AS field, all_rows AS rows, campaign AS filled FROM events_filled
UNION ALL
SELECT 'events' AS "table", 'value' AS field, all_rows AS rows, value AS filled FROM events_filled
UNION ALL
SELECT 'customers' AS "table", 'customer_id' AS field, all_rows AS rows, customer_id AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'email' AS field, all_rows AS rows, email AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'phone' AS field, all_rows AS rows, phone AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'name' AS field, all_rows AS rows, name AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'signed_up_at' AS field, all_rows AS rows, signed_up_at AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'birth_date' AS field, all_rows AS rows, birth_date AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'age' AS field, all_rows AS rows, age AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'gender' AS field, all_rows AS rows, gender AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'city' AS field, all_rows AS rows, city AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'country' AS field, all_rows AS rows, country AS filled FROM customers_filled
UNION ALL
SELECT 'customers' AS "table", 'consent' AS field, all_rows AS rows, consent AS filled FROM customers_filled
UNION ALL
SELECT 'products' AS "table", 'product_id' AS field, all_rows AS rows, product_id AS filled FROM products_filled
UNION ALL
SELECT 'products' AS "table", 'name' AS field, all_rows AS rows, name AS filled FROM products_filled
UNION ALL
SELECT 'products' AS "table", 'category' AS field, all_rows AS rows, category AS filled FROM products_filled
UNION ALL
SELECT 'products' AS "table", 'brand' AS field, all_rows AS rows, brand AS filled FROM products_filled
UNION ALL
SELECT 'products' AS "table", 'price' AS field, all_rows AS rows, price AS filled FROM products_filled
UNION ALL
SELECT 'products' AS "table", 'cost' AS field, all_rows AS rows, cost AS filled FROM products_filled
UNION ALL
SELECT 'products' AS "table", 'stock' AS field, all_rows AS rows, stock AS filled FROM products_filled
UNION ALL
SELECT 'products' AS "table", 'lead_time_days' AS field, all_rows AS rows, lead_time_days AS filled FROM products_filled
UNION ALL
SELECT 'products' AS "table", 'launched_at' AS field, all_rows AS rows, launched_at AS filled FROM products_filled
UNION ALL
SELECT 'assignments' AS "table", 'experiment' AS field, all_rows AS rows, experiment AS filled FROM assignments_filled
UNION ALL
SELECT 'assignments' AS "table", 'customer_id' AS field, all_rows AS rows, customer_id AS filled FROM assignments_filled
UNION ALL
SELECT 'assignments' AS "table", 'variant' AS field, all_rows AS rows, variant AS filled FROM assignments_filled
UNION ALL
SELECT 'assignments' AS "table", 'assigned_at' AS field, all_rows AS rows, assigned_at AS filled FROM assignments_filled
UNION ALL
SELECT 'spend' AS "table", 'day' AS field, all_rows AS rows, day AS filled FROM spend_filled
UNION ALL
SELECT 'spend' AS "table", 'channel' AS field, all_rows AS rows, channel AS filled FROM spend_filled
UNION ALL
SELECT 'spend' AS "table", 'campaign' AS field, all_rows AS rows, campaign AS filled FROM spend_filled
UNION ALL
SELECT 'spend' AS "table", 'cost' AS field, all_rows AS rows, cost AS filled FROM spend_filled
UNION ALL
SELECT 'stock_levels' AS "table", 'product_id' AS field, all_rows AS rows, product_id AS filled FROM stock_levels_filled
UNION ALL
SELECT 'stock_levels' AS "table", 'day' AS field, all_rows AS rows, day AS filled FROM stock_levels_filled
UNION ALL
SELECT 'stock_levels' AS "table", 'stock' AS field, all_rows AS rows, stock AS filled FROM stock_levels_filled
UNION ALL
SELECT 'matches' AS "table", 'customer_id' AS field, all_rows AS rows, customer_id AS filled FROM matches_filled
UNION ALL
SELECT 'matches' AS "table", 'other_id' AS field, all_rows AS rows, other_id AS filled FROM matches_filled
