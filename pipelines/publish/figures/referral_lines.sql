-- One line per case referred to its owner and own record of the owner; record_key null = the owner holds no row of it.
-- What was answered or claimed corrected waits for the next extract, suppressed cases sleep, and findings in review stay with us.
SELECT c.case_id, c.owner, c.code, c.severity, c.since, c.due_on, r.record_key, r.role, d.reason, d.reason_zh, o.name
FROM casebook AS c
LEFT JOIN (SELECT case_id, unnest(records, recursive := true) FROM casebook WHERE is_open) AS r ON r.case_id = c.case_id AND r.source = c.owner
LEFT JOIN finding_details AS d ON d.finding_id = c.finding_id
LEFT JOIN observations AS o ON o.source = r.source AND o.record_key = r.record_key AND o.role = r.role
WHERE c.is_open AND c.state = 'referred' AND c.finding_status IS DISTINCT FROM 'review'
ORDER BY c.owner, c.due_on NULLS LAST, c.severity_rank, c.case_id, r.record_key, r.role
