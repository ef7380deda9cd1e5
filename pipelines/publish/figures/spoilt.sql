-- One row per source with identity numbers that a spreadsheet spoilt: how many numbers live records give, how many of them are spoilt, how many of
-- these still tell birth date and division, and how many belong to somebody whose number another record has whole.
SELECT
    o.source, count(*) AS numbers, count(*) FILTER (o.spoilt) AS spoilt, count(*) FILTER (o.spoilt AND regexp_full_match(o.id_text, '[0-9]+')) AS dated,
    count(*) FILTER (o.spoilt AND w.person_id IS NOT NULL) AS restored
FROM (
    SELECT source, record_key, role, id_text, list_contains(string_split(coalesce(id_reasons, ''), '|'), 'spreadsheet') AS spoilt
    FROM observations
    WHERE live AND id_text IS NOT NULL
) AS o
LEFT JOIN person_records AS p USING (source, record_key, role)
LEFT JOIN (
    SELECT DISTINCT p.person_id FROM person_records AS p JOIN observations AS o USING (source, record_key, role) WHERE o.id_valid
) AS w USING (person_id)
GROUP BY o.source
HAVING count(*) FILTER (o.spoilt) > 0
ORDER BY o.source
