-- One row per night so far: the figures drawn over nights. A night that is just being published is added by the reader of the summary.
SELECT
    night,
    max(value) FILTER (measure = 'persons')::BIGINT AS persons,
    max(value) FILTER (measure = 'findings')::BIGINT AS findings,
    max(value) FILTER (measure = 'cases_open')::BIGINT AS cases_open,
    max(value) FILTER (measure = 'cases_new')::BIGINT AS cases_new,
    max(value) FILTER (measure = 'cases_fixed')::BIGINT AS cases_fixed,
    max(value) FILTER (measure = 'cases_reopened')::BIGINT AS cases_reopened,
    max(value) FILTER (measure = 'delivered')::BIGINT AS delivered,
    max(value) FILTER (measure = 'quarantined')::BIGINT AS quarantined,
    max(value) FILTER (measure = 'yuan') AS yuan
FROM (SELECT * FROM earlier_trend UNION SELECT * FROM trend)
WHERE member = '' AND night < getvariable('night')
GROUP BY night
ORDER BY night
