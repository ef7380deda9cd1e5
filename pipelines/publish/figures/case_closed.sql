-- Cases closed since the night compared with.
SELECT
    case_id, code, state, severity, owner, division, opened_on, since, due_on, closed_on, outcome, confidence, yuan::DOUBLE AS yuan, change, late_days,
    days_overdue, len(person_ids) AS people
FROM casebook
WHERE change IN ('fixed', 'cleared')
ORDER BY code, case_id
