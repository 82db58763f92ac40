-- One row: a reason of one customer, where they start from first.
-- Columns: place (0: the start); feature; log_odds (what it adds); value; text.
-- Parameters: $customer_id. Reads the kept table reasons.
SELECT place, feature, log_odds, value, text
FROM reasons
WHERE customer_id = $customer_id
ORDER BY place
