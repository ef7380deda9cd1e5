-- One row per case, those that tonight would raise included: how it stood (no row of lists), and what tonight says of it (now_...).
CREATE TEMP TABLE book AS
WITH of_case AS (
    SELECT
        s.case_id,
        arg_min(t.finding_id, (t.finding_id <> s.finding_id, t.finding_id)) AS finding_id
    FROM standing AS s
    INNER JOIN owned ON owned.case_id = s.case_id
    INNER JOIN tonight AS t ON t.finding_id = owned.finding_id
    GROUP BY s.case_id
)
SELECT
    s.* EXCLUDE (person_ids, records),
    m.merge_into,
    t.finding_id AS now_finding_id, t.subject_key AS now_subject_key, t.status AS now_status, t.severity AS now_severity, t.owner AS now_owner,
    t.division AS now_division, t.since AS now_since, t.confidence AS now_confidence, t.yuan AS now_yuan, t.escalation AS now_escalation,
    t.records IS DISTINCT FROM s.records OR t.person_ids IS DISTINCT FROM s.person_ids AS moved,
    ending.ending, ending.rows_shown, ending.explanation
FROM standing AS s
LEFT JOIN merging AS m USING (case_id)
LEFT JOIN of_case USING (case_id)
LEFT JOIN tonight AS t ON t.finding_id = of_case.finding_id
LEFT JOIN ending ON ending.case_id = s.case_id
UNION ALL BY NAME
SELECT
    t.code, CAST(NULL AS VARCHAR) AS state, 0 AS version,
    t.finding_id AS now_finding_id, t.subject_key AS now_subject_key, t.status AS now_status, t.severity AS now_severity, t.owner AS now_owner,
    t.division AS now_division, t.since AS now_since, t.confidence AS now_confidence, t.yuan AS now_yuan, t.escalation AS now_escalation,
    TRUE AS moved, together.lead AS home_of
FROM tonight AS t
LEFT JOIN together ON together.finding_id = t.finding_id
WHERE t.status IN ('open', 'review') AND t.finding_id NOT IN (SELECT finding_id FROM claim);
