-- One row: what was said of a product for one customer, by the time it was said.
-- Columns: product_id; verdict (up, down, never); day (the shop's day it was said on); given_at (when
--   it was written down); customer_id.
-- Parameters: $customer_id (records under another id of the same person are among them).
WITH ids AS (
    SELECT CAST($customer_id AS VARCHAR) AS customer_id
    UNION
    SELECT other_id AS customer_id FROM same_person WHERE customer_id = $customer_id
)
SELECT product_id, verdict, day, given_at, customer_id
FROM feedback
WHERE customer_id IN (SELECT customer_id FROM ids)
ORDER BY given_at, customer_id, product_id
