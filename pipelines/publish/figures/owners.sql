-- One row per department that has to act (source).
SELECT
    owner,
    count(*) FILTER (is_open) AS cases_open,
    count(*) FILTER (change = 'new') AS cases_new,
    count(*) FILTER (change = 'kept') AS cases_kept,
    count(*) FILTER (change = 'reopened') AS cases_reopened,
    count(*) FILTER (change = 'fixed') AS cases_fixed,
    count(*) FILTER (change = 'cleared') AS cases_cleared,
    count(*) FILTER (is_open AND late_days > 0) AS cases_overdue,
    coalesce(sum(yuan) FILTER (is_open), 0)::DOUBLE AS yuan
FROM casebook
GROUP BY owner
HAVING count(*) FILTER (change <> 'past') > 0
ORDER BY cases_open DESC, owner NULLS LAST
