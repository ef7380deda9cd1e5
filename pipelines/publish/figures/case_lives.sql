-- Every record of the people of the chosen cases.
SELECT m.case_id, m.person, p.source, p.record_key, p.role
FROM (
    SELECT k.position, c.case_id, unnest(c.person_ids) AS person_id, generate_subscripts(c.person_ids, 1) AS person
    FROM chosen AS k JOIN casebook AS c USING (case_id)
    WHERE k.position <= ?
) AS m
JOIN person_records AS p USING (person_id)
ORDER BY m.position, m.person, p.source, p.record_key, p.role
