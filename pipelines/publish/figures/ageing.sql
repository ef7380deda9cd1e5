-- One row per span of days since a case was opened: open cases by severity.
SELECT
    span,
    count(case_id) AS cases_open,
    count(case_id) FILTER (severity = 'critical') AS critical,
    count(case_id) FILTER (severity = 'high') AS high,
    count(case_id) FILTER (severity = 'medium') AS medium,
    count(case_id) FILTER (severity = 'low') AS low,
    count(case_id) FILTER (severity = 'info') AS info,
    count(case_id) FILTER (late_days > 0) AS cases_overdue
FROM (VALUES ('0-7', 0, 7), ('8-30', 8, 30), ('31-90', 31, 90), ('91-180', 91, 180), ('181+', 181, 1000000)) AS spans (span, low_end, high_end)
LEFT JOIN (SELECT * FROM casebook WHERE is_open) AS c ON c.age_days BETWEEN low_end AND high_end
GROUP BY span, low_end
ORDER BY low_end
