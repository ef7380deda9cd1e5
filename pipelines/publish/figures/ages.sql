-- One row per age band of the youngest person that an open case is about; band null = birth date not known, or nobody in particular.
SELECT band, count(*) AS cases_open, count(*) FILTER (change = 'new') AS cases_new
FROM (
    SELECT
        change,
        CASE WHEN age < 7 THEN '0-6' WHEN age < 18 THEN '7-17' WHEN age < 60 THEN '18-59' WHEN age < 80 THEN '60-79' WHEN age >= 80 THEN '80+' END AS band
    FROM (
        SELECT c.case_id, c.change, min(date_sub('year', p.birth_date, getvariable('night'))) AS age
        FROM casebook AS c
        LEFT JOIN (SELECT case_id, unnest(person_ids) AS person_id FROM cases) AS m USING (case_id)
        LEFT JOIN persons AS p USING (person_id)
        WHERE c.is_open
        GROUP BY c.case_id, c.change
    )
)
GROUP BY band
ORDER BY list_position(['0-6', '7-17', '18-59', '60-79', '80+'], band) NULLS LAST
