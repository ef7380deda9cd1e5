-- Which records make up the chosen case's people.
SELECT p.person_id, p.source, p.record_key, p.role, p.tier, p.probability
FROM (SELECT unnest(c.person_ids) AS person_id FROM chosen JOIN cases AS c USING (case_id)) AS m
JOIN person_records AS p USING (person_id)
ORDER BY p.person_id, p.source, p.record_key, p.role
