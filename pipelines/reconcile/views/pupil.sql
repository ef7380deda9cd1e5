-- School rows. last_shown_on: business date of the last delivery that showed the row. live: that is the latest delivery.
SELECT
    p.person_id, p.source, r.record_key, p.role, r.school_code, r.student_no, r.status, r.status_on, r.entered_on, r.id_number_kind,
    r.household_place_division AS division, r.first_seen, r.changed_on, r.closed_on,
    r.closed_on IS NULL AS live,
    CASE WHEN r.closed_on IS NULL THEN greatest(h.delivered_through, r.changed_on) ELSE r.changed_on END AS last_shown_on
FROM rec_school AS r
INNER JOIN person_record AS p ON p.register = 'school' AND p.role = 'pupil' AND p.record_key = r.record_key
LEFT JOIN horizon AS h ON h.register = 'school'
