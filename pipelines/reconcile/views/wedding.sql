-- Marriage register rows with both persons. A divorce or annulment by way of a re-issued certificate points to the original registration.
SELECT
    r.record_key, h.source, r.registration_no, r.kind, r.registered_on, substr(r.registration_no, 2, 6) AS office_division,
    coalesce(o.prior_registration_no, r.prior_registration_no) AS prior_registration_no,
    h.person_id AS husband_person_id, w.person_id AS wife_person_id
FROM rec_marriage AS r
LEFT JOIN rec_marriage AS o ON o.registration_no = r.prior_registration_no AND o.kind = 'reissue'
INNER JOIN person_record AS h ON h.register = 'marriage' AND h.role = 'husband' AND h.record_key = r.record_key
INNER JOIN person_record AS w ON w.register = 'marriage' AND w.role = 'wife' AND w.record_key = r.record_key
WHERE r.closed_on IS NULL
