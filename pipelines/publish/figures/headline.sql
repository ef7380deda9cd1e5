-- One row: the figures that the report opens with.
SELECT
    (SELECT count(*) FROM persons) AS persons,
    (SELECT count(*) FROM person_records) AS records,
    (SELECT count(*) FROM horizons) AS sources,
    (SELECT count(*) FROM findings) AS findings,
    (SELECT count(*) FROM findings WHERE status = 'open') AS findings_open,
    (SELECT count(*) FROM findings WHERE status = 'watch') AS findings_watch,
    (SELECT count(*) FROM findings WHERE status = 'review') AS findings_review,
    (SELECT count(*) FROM findings ANTI JOIN earlier_findings USING (finding_id)) AS findings_new,
    (SELECT count(*) FROM earlier_findings ANTI JOIN findings USING (finding_id)) AS findings_gone,
    (SELECT count(*) FROM findings_cleared) AS explained,
    c.*,
    (SELECT coalesce(sum(delivered), 0)::BIGINT FROM ledger WHERE in_report(night)) AS delivered,
    (SELECT coalesce(sum(quarantined), 0)::BIGINT FROM ledger WHERE in_report(night)) AS quarantined,
    (
        SELECT count(DISTINCT delivery_id)
        FROM (SELECT delivery_id FROM stopped UNION SELECT delivery_id FROM ledger WHERE in_report(night) AND status IN ('held', 'refused'))
    ) AS held
FROM (
    SELECT
        count(*) FILTER (is_open) AS cases_open,
        (SELECT count(*) FROM earlier_cases WHERE state NOT IN ('auto_cleared', 'closed', 'merged')) AS cases_before,
        count(*) FILTER (change = 'new') AS cases_new,
        count(*) FILTER (change = 'kept') AS cases_kept,
        count(*) FILTER (change = 'reopened') AS cases_reopened,
        count(*) FILTER (change = 'fixed') AS cases_fixed,
        count(*) FILTER (change = 'cleared') AS cases_cleared,
        count(*) FILTER (change = 'new' OR (change IN ('fixed', 'cleared') AND was_open IS NULL)) AS cases_raised,
        count(*) FILTER (is_open AND late_days > 0) AS cases_overdue,
        count(*) FILTER (state = 'referred' AND escalation > 0) AS cases_escalated,
        (SELECT count(DISTINCT p) FROM (SELECT unnest(person_ids) AS p FROM casebook WHERE is_open)) AS people_concerned,
        coalesce(sum(yuan) FILTER (is_open), 0)::DOUBLE AS yuan
    FROM casebook
) AS c
