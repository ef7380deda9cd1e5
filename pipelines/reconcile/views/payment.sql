-- Pension rows, one per account and month. paying: money was paid for the month.
SELECT
    p.person_id, p.source, r.record_key, p.role, r.scheme, r.division, r.benefit_status = 'paying' AS paying,
    CAST(date_trunc('month', r.paid_month) AS DATE) AS paid_month, r.amount, r.benefit_from, r.verified_on
FROM rec_pension AS r
INNER JOIN person_record AS p ON p.register = 'pension' AND p.role = 'beneficiary' AND p.record_key = r.record_key
WHERE r.closed_on IS NULL
