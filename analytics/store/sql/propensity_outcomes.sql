-- One row: a customer with a line that counts in a window of days, of the category or product where
--   one is named, by customer_id.
-- Columns: customer_id; orders (different orders; returns are none); revenue (money: less returns
--   and refunds).
-- Parameters: $from_day (date, the first that counts); $until_day (date, the first that does not);
--   $category, $product_id (each NULL: any).
WITH wanted AS (
    SELECT product_id
    FROM products
    WHERE CAST($category AS VARCHAR) IS NULL OR category = $category
)
SELECT
    s.customer_id,
    COUNT(DISTINCT CASE WHEN s.is_order THEN s.order_id END) AS orders,
    CAST(SUM(s.revenue) AS DECIMAL(38, 4)) AS revenue
FROM sales AS s
LEFT JOIN wanted AS w ON w.product_id = s.product_id
WHERE s.customer_id IS NOT NULL
    AND s.day >= CAST($from_day AS DATE) AND s.day < CAST($until_day AS DATE)
    AND (CAST($category AS VARCHAR) IS NULL OR w.product_id IS NOT NULL)
    AND (CAST($product_id AS VARCHAR) IS NULL OR s.product_id = $product_id)
GROUP BY s.customer_id
ORDER BY s.customer_id
