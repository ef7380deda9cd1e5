-- One row per case, open or closed: what became of it since the night compared with, and what a reader sorts by.
-- change: new, kept, reopened, fixed (the register was corrected), cleared (closed for another reason), past (closed before).
CREATE TEMP VIEW casebook AS
WITH stood AS (
    SELECT *, state NOT IN ('auto_cleared', 'closed', 'merged') AS is_open FROM cases
),
stood_before AS (
    SELECT case_id, state NOT IN ('auto_cleared', 'closed', 'merged') AS was_open FROM earlier_cases
)
SELECT
    c.*,
    e.was_open,
    CASE
        WHEN c.is_open AND e.was_open IS NULL THEN 'new'
        WHEN c.is_open AND NOT e.was_open THEN 'reopened'
        WHEN c.is_open THEN 'kept'
        WHEN NOT e.was_open THEN 'past'
        WHEN regexp_matches(c.outcome, '^(corrected_at_source|error_in_register|error_person_dead|suspected_fraud)(:|$)') THEN 'fixed'
        ELSE 'cleared'
    END AS change,
    coalesce(date_diff('day', c.opened_on, getvariable('night')), 0) AS age_days,
    coalesce(greatest(date_diff('day', c.due_on, getvariable('night')), 0), 0) AS late_days,
    list_position(['critical', 'high', 'medium', 'low', 'info'], c.severity) AS severity_rank,
    d.people AS people_harmed,
    f.days_overdue,
    f.status AS finding_status
FROM stood AS c
LEFT JOIN stood_before AS e USING (case_id)
LEFT JOIN finding_details AS d ON d.finding_id = c.finding_id
LEFT JOIN findings AS f ON f.finding_id = c.finding_id
