-- One row per division of the subject; null = not known. people: with a live entry there; rate: open cases per 1,000 of them.
SELECT
    division,
    any_value(people) AS people,
    CASE WHEN any_value(people) > 0 THEN round(1000 * count(*) FILTER (is_open) / any_value(people), 1) END AS rate,
    count(*) FILTER (is_open) AS cases_open,
    count(*) FILTER (change = 'new') AS cases_new,
    count(*) FILTER (change = 'kept') AS cases_kept,
    count(*) FILTER (change = 'reopened') AS cases_reopened,
    count(*) FILTER (change = 'fixed') AS cases_fixed,
    count(*) FILTER (change = 'cleared') AS cases_cleared,
    count(*) FILTER (is_open AND late_days > 0) AS cases_overdue,
    coalesce(sum(yuan) FILTER (is_open), 0)::DOUBLE AS yuan
FROM casebook
LEFT JOIN (SELECT division, count(*) AS people FROM persons WHERE live_entries > 0 GROUP BY division) AS p USING (division)
GROUP BY division
HAVING count(*) FILTER (change <> 'past') > 0
ORDER BY cases_open DESC, division NULLS LAST
