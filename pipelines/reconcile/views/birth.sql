-- Birth certificates by child. mother_person_id: the mother's person. A re-issued certificate is another row of the same child.
SELECT
    p.person_id, p.source, r.record_key, p.role, r.born_on, r.multiple_no, r.issue_kind, r.prior_cert_no, r.issued_on,
    r.mother_address_division AS division, m.person_id AS mother_person_id, r.first_seen
FROM rec_birth AS r
INNER JOIN person_record AS p ON p.register = 'birth' AND p.role = 'child' AND p.record_key = r.record_key
LEFT JOIN person_record AS m ON m.register = 'birth' AND m.role = 'mother' AND m.record_key = r.record_key
WHERE r.closed_on IS NULL
