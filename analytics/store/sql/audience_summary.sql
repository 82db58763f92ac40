-- One row: how many people an audience has, and what they have brought.
-- Columns: customers; opted_out (of them, people who must not be addressed); revenue (money);
--   all_customers; all_revenue (money).
-- Parameters: none. Reads members (customer_id) and the kept table features.
SELECT
    COUNT(m.customer_id) AS customers,
    COUNT(CASE WHEN m.customer_id IS NOT NULL THEN o.customer_id END) AS opted_out,
    CAST(COALESCE(SUM(CASE WHEN m.customer_id IS NOT NULL THEN f.revenue END), 0)
        AS DECIMAL(38, 4)) AS revenue,
    COUNT(*) AS all_customers,
    CAST(COALESCE(SUM(f.revenue), 0) AS DECIMAL(38, 4)) AS all_revenue
FROM features AS f
LEFT JOIN members AS m ON m.customer_id = f.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = f.customer_id
