-- One row per department: what lies with it and by when, what waits for its next delivery, what lies with us.
SELECT
    owner,
    count(*) AS cases_open,
    count(*) FILTER (asked AND late_days > 0) AS cases_overdue,
    count(*) FILTER (asked AND late_days = 0 AND due_on <= getvariable('night') + 7) AS due_7,
    count(*) FILTER (asked AND late_days = 0 AND due_on > getvariable('night') + 7 AND due_on <= getvariable('night') + 30) AS due_30,
    count(*) FILTER (asked AND late_days = 0 AND (due_on IS NULL OR due_on > getvariable('night') + 30)) AS due_later,
    count(*) FILTER (state IN ('answered', 'corrected_at_source', 'verified')) AS waiting,
    count(*) FILTER (state = 'suppressed') AS asleep,
    count(*) FILTER (state IN ('raised', 'triaged', 'reopened')) AS with_us,
    count(*) FILTER (asked AND escalation > 0) AS escalated,
    count(*) FILTER (severity = 'critical') AS critical,
    coalesce(sum(yuan), 0)::DOUBLE AS yuan,
    min(due_on) FILTER (asked) AS next_due
FROM (SELECT *, state = 'referred' AS asked FROM casebook WHERE is_open)
GROUP BY owner
ORDER BY cases_overdue DESC, next_due NULLS LAST, cases_open DESC, owner NULLS LAST
