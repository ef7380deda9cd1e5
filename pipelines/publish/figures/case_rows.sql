-- The chosen cases, in their order, with what backs them.
SELECT
    c.case_id, c.code, c.state, c.severity, c.owner, c.division, c.opened_on, c.since, c.due_on, c.escalation, c.closed_on, c.outcome,
    c.confidence, c.yuan::DOUBLE AS yuan, c.change, c.is_open, c.age_days, c.late_days, c.days_overdue, c.finding_id, c.finding_status, c.people_harmed,
    len(c.person_ids) AS people, len(c.records) AS record_count,
    d.rule_version, d.as_of, d.grace_days, d.legal_days, d.rule_evidence, d.link_quality, d.reason, d.reason_zh,
    d.dates::VARCHAR AS dates, d.links::VARCHAR AS links, d.tested::VARCHAR AS tested
FROM chosen AS k
JOIN casebook AS c USING (case_id)
LEFT JOIN finding_details AS d USING (finding_id)
ORDER BY k.position
