-- Valid numbers of somebody's parents and guardians, as their own rows and their parents' records name them.
SELECT person_id, mother_id AS id_number FROM observation WHERE mother_id IS NOT NULL
UNION
SELECT person_id, father_id FROM observation WHERE father_id IS NOT NULL
UNION
SELECT person_id, guardian_id FROM observation WHERE guardian_id IS NOT NULL
UNION
SELECT c.person_id, o.id_number
FROM person AS c
INNER JOIN observation AS o ON o.person_id = c.mother_person_id
WHERE o.own_number
UNION
SELECT c.person_id, o.id_number
FROM person AS c
INNER JOIN observation AS o ON o.person_id = c.father_person_id
WHERE o.own_number
