-- One row per source: the double entry of the nights reported on, added up over its deliveries.
SELECT
    source,
    count(*) AS deliveries,
    sum(delivered)::BIGINT AS delivered,
    sum("new")::BIGINT AS "new",
    sum(changed)::BIGINT AS changed,
    sum(unchanged)::BIGINT AS unchanged,
    sum(quarantined)::BIGINT AS quarantined,
    sum(exact_duplicates)::BIGINT AS exact_duplicates,
    bool_and(delivered = "new" + changed + unchanged + quarantined + exact_duplicates) AS rows_balance,
    min_by(live_before, (business_date, coalesce(sequence, 0)))::BIGINT AS live_before,
    sum(opened)::BIGINT AS opened,
    sum(closed)::BIGINT AS closed,
    max_by(live_after, (business_date, coalesce(sequence, 0)))::BIGINT AS live_after,
    bool_and(live_before + opened - closed = live_after) AS keys_balance
FROM ledger
WHERE in_report(night) AND status = 'applied'
GROUP BY source
ORDER BY source
