-- Household register entries. live: no cancellation, and still in the register.
SELECT
    p.person_id, p.source, r.record_key, p.role, r.entry_no, r.household_no, r.division, r.birth_date, r.marital_status,
    CASE WHEN r.spouse_id_valid THEN r.spouse_id END AS spouse_id,
    CASE WHEN r.mother_id_valid THEN r.mother_id END AS mother_id,
    CASE WHEN r.father_id_valid THEN r.father_id END AS father_id,
    r.birth_cert_no, r.registered_on, r.registration_kind, r.cancelled_on, r.cancellation_kind, r.death_date, r.first_seen, r.changed_on,
    r.closed_on,
    r.closed_on IS NULL AND r.cancellation_kind IS NULL AND r.cancelled_on IS NULL AS live,
    CASE WHEN r.cancellation_kind = 'death' THEN coalesce(r.death_date, r.cancelled_on) END AS police_death_on
FROM rec_police AS r
INNER JOIN person_record AS p ON p.register = 'police' AND p.role = 'self' AND p.record_key = r.record_key
