-- The first dozen records of each chosen case as observed; person numbers the people of a case in the order of their ids, 0 = no person.
SELECT
    m.case_id, coalesce(list_position(m.person_ids, p.person_id), 0) AS person,
    o.source, o.record_key, o.role, o.live, o.delivery_id, o.file, o.row_number, o.changed_on::VARCHAR AS changed_on, o.id_kind, o.id_reasons,
    o.name, o.name_fold, o.former_name, o.former_name_fold, o.sex, o.birth_date::VARCHAR AS birth_date, coalesce(o.id_number, o.id_text) AS number, o.old_id_number,
    o.mother_id, o.father_id, o.spouse_id, o.division, o.address, o.address_key
FROM (
    SELECT c.case_id, k.position, c.person_ids, unnest(c.records[1:12], recursive := true)
    FROM chosen AS k JOIN casebook AS c USING (case_id)
    WHERE k.position <= ?
) AS m
JOIN observations AS o USING (source, record_key, role)
LEFT JOIN person_records AS p USING (source, record_key, role)
ORDER BY m.position, person, o.source, o.record_key, o.role
