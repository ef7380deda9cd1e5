-- Marriages by person: one row per side.
SELECT
    husband_person_id AS person_id, wife_person_id AS spouse_person_id, 'husband' AS role, record_key, source, registration_no, began_on,
    ended_on, divorced_on, divorce_key, office_division, from_reissue
FROM marriage
UNION ALL
SELECT
    wife_person_id, husband_person_id, 'wife', record_key, source, registration_no, began_on,
    ended_on, divorced_on, divorce_key, office_division, from_reissue
FROM marriage
