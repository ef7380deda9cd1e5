-- One row per source and rule that kept rows out: tonight, and in every night so far.
SELECT
    q.source, q.rule, q.severity,
    count(DISTINCT (q.delivery_id, q.file, q.row_number)) FILTER (in_report(l.night)) AS rows_tonight,
    count(DISTINCT (q.delivery_id, q.file, q.row_number)) AS rows_ever
FROM quarantine AS q
LEFT JOIN (SELECT delivery_id, max(night) AS night FROM ledger GROUP BY delivery_id) AS l USING (delivery_id)
GROUP BY q.source, q.rule, q.severity
ORDER BY list_position(['critical', 'warning', 'info'], q.severity), rows_ever DESC, q.source, q.rule
