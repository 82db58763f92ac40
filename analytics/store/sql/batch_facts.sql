-- One row: one import of orders, described.
-- Columns: customers, orders, products (different ones among readable lines); guest_rows,
--   cancelled_invoice_rows, return_rows, free_rows (lines); guest_amount, cancelled_invoice_amount,
--   return_amount (money in them); identified_revenue, guest_revenue (money, analysed lines);
--   first_day, last_day.
-- Parameters: $batch_id.
SELECT
    COUNT(DISTINCT CASE WHEN fate <> 'rejected' THEN customer_id END) AS customers,
    COUNT(DISTINCT CASE WHEN fate <> 'rejected' THEN order_id END) AS orders,
    COUNT(DISTINCT CASE WHEN fate <> 'rejected' THEN product_id END) AS products,
    COUNT(CASE WHEN fate <> 'rejected' AND customer_id IS NULL THEN 1 END) AS guest_rows,
    CAST(SUM(CASE WHEN fate <> 'rejected' AND customer_id IS NULL THEN amount END) AS DECIMAL(38, 4)) AS guest_amount,
    COUNT(CASE WHEN state = 'cancelled_invoice' THEN 1 END) AS cancelled_invoice_rows,
    CAST(SUM(CASE WHEN state = 'cancelled_invoice' THEN amount END) AS DECIMAL(38, 4)) AS cancelled_invoice_amount,
    COUNT(CASE WHEN state = 'return' THEN 1 END) AS return_rows,
    CAST(SUM(CASE WHEN state = 'return' THEN amount END) AS DECIMAL(38, 4)) AS return_amount,
    COUNT(CASE WHEN state = 'free' THEN 1 END) AS free_rows,
    CAST(SUM(CASE WHEN fate = 'analysed' AND customer_id IS NOT NULL THEN worth - worth_taken_back END) AS DECIMAL(38, 4)) AS identified_revenue,
    CAST(SUM(CASE WHEN fate = 'analysed' AND customer_id IS NULL THEN worth - worth_taken_back END) AS DECIMAL(38, 4)) AS guest_revenue,
    MIN(day) AS first_day,
    MAX(day) AS last_day
FROM order_fates
WHERE batch_id = $batch_id
