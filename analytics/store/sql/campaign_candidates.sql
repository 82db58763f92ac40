-- One row: a customer of an audience, with what decides whether a campaign may address them, by
--   customer_id.
-- Columns: customer_id; segment; value (money they have brought); opted_out (true: must not be
--   addressed); last_contact_days (days from the last campaign that contacted them to the start; NULL
--   without one); contacts (campaigns that contacted them in the cap's days up to the start);
--   email, phone (in small letters without blanks around them).
-- Parameters: $start (date), $cap_days. Reads the kept tables members (customer_id, segment) and
--   features.
WITH contacts AS (
    SELECT
        COALESCE(s.customer_id, m.customer_id) AS customer_id,
        MIN(date_diff('day', c.start_day, CAST($start AS DATE))) AS last_contact_days,
        COUNT(DISTINCT CASE
            WHEN date_diff('day', c.start_day, CAST($start AS DATE)) < $cap_days
            THEN c.campaign_id END) AS contacts
    FROM campaign_members AS m
    JOIN campaigns AS c ON c.campaign_id = m.campaign_id
    LEFT JOIN same_person AS s ON s.other_id = m.customer_id
    WHERE m.treated AND c.start_day <= CAST($start AS DATE)
    GROUP BY COALESCE(s.customer_id, m.customer_id)
)
SELECT
    m.customer_id, m.segment, CAST(COALESCE(f.revenue, 0) AS DECIMAL(38, 4)) AS value,
    o.customer_id IS NOT NULL AS opted_out,
    t.last_contact_days, COALESCE(t.contacts, 0) AS contacts,
    NULLIF(LOWER(TRIM(p.email)), '') AS email, NULLIF(LOWER(TRIM(p.phone)), '') AS phone
FROM members AS m
LEFT JOIN features AS f ON f.customer_id = m.customer_id
LEFT JOIN customers AS p ON p.customer_id = m.customer_id
LEFT JOIN opted_out AS o ON o.customer_id = m.customer_id
LEFT JOIN contacts AS t ON t.customer_id = m.customer_id
ORDER BY m.customer_id
