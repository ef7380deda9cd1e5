-- One row per rule with a finding or a case: what fires, what became of its cases, what is at stake.
WITH found AS (
    SELECT
        code,
        count(*) AS findings,
        count(*) FILTER (status = 'watch') AS watch,
        count(*) FILTER (status = 'review') AS review,
        round(avg(confidence), 4) AS confidence
    FROM findings GROUP BY code
),
booked AS (
    SELECT
        code,
        count(*) FILTER (is_open) AS cases_open,
        count(*) FILTER (change = 'new') AS cases_new,
        count(*) FILTER (change = 'kept') AS cases_kept,
        count(*) FILTER (change = 'reopened') AS cases_reopened,
        count(*) FILTER (change = 'fixed') AS cases_fixed,
        count(*) FILTER (change = 'cleared') AS cases_cleared,
        count(*) FILTER (is_open AND late_days > 0) AS cases_overdue,
        min(severity_rank) FILTER (is_open) AS severity_rank,
        coalesce(sum(yuan) FILTER (is_open), 0)::DOUBLE AS yuan
    FROM casebook GROUP BY code
)
SELECT
    code,
    coalesce(findings, 0) AS findings, coalesce(watch, 0) AS watch, coalesce(review, 0) AS review, confidence,
    coalesce(cases_open, 0) AS cases_open, coalesce(cases_new, 0) AS cases_new, coalesce(cases_kept, 0) AS cases_kept,
    coalesce(cases_reopened, 0) AS cases_reopened, coalesce(cases_fixed, 0) AS cases_fixed, coalesce(cases_cleared, 0) AS cases_cleared,
    coalesce(cases_overdue, 0) AS cases_overdue, coalesce(yuan, 0) AS yuan,
    ['critical', 'high', 'medium', 'low', 'info'][severity_rank] AS severity
FROM found FULL JOIN booked USING (code)
ORDER BY code
