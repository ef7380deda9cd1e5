-- Marriages with their end. A re-issued certificate of an unknown original shows a marriage that stands on its date (known_from).
-- ended_on: divorce, or the death of a side; annulled marriages never were and are left out.
WITH begun AS (
    SELECT record_key, source, registration_no, registered_on AS began_on, office_division, husband_person_id, wife_person_id, FALSE AS from_reissue
    FROM wedding
    WHERE kind = 'marriage'
    UNION ALL
    SELECT r.record_key, r.source, r.registration_no, r.registered_on, r.office_division, r.husband_person_id, r.wife_person_id, TRUE
    FROM wedding AS r
    LEFT JOIN wedding AS m
        ON m.kind = 'marriage'
        AND m.husband_person_id = r.husband_person_id AND m.wife_person_id = r.wife_person_id AND m.registered_on <= r.registered_on
    LEFT JOIN wedding AS o ON o.kind = 'marriage' AND o.registration_no = r.prior_registration_no
    WHERE r.kind = 'reissue' AND m.record_key IS NULL AND o.record_key IS NULL
),
ending AS (
    SELECT record_key, kind, registered_on, prior_registration_no, husband_person_id, wife_person_id
    FROM wedding
    WHERE kind IN ('divorce', 'annulment')
),
cited AS (
    SELECT b.record_key, e.kind, e.registered_on AS ended_on, e.record_key AS ending_key
    FROM begun AS b
    INNER JOIN ending AS e ON e.prior_registration_no = b.registration_no
    UNION ALL
    SELECT b.record_key, e.kind, e.registered_on, e.record_key
    FROM begun AS b
    INNER JOIN ending AS e
        ON e.husband_person_id = b.husband_person_id AND e.wife_person_id = b.wife_person_id AND e.registered_on >= b.began_on
),
first_ending AS (
    SELECT
        record_key,
        min(ended_on) FILTER (WHERE kind = 'divorce') AS divorced_on,
        arg_min(ending_key, ended_on) FILTER (WHERE kind = 'divorce') AS divorce_key,
        count(*) FILTER (WHERE kind = 'annulment') AS annulments
    FROM cited
    GROUP BY record_key
)
SELECT
    b.record_key, b.source, b.registration_no, b.began_on, b.office_division, b.husband_person_id, b.wife_person_id, b.from_reissue,
    f.divorced_on, f.divorce_key,
    h.died_on AS husband_died_on, w.died_on AS wife_died_on,
    least(f.divorced_on, h.died_on, w.died_on) AS ended_on
FROM begun AS b
LEFT JOIN first_ending AS f ON f.record_key = b.record_key
LEFT JOIN departed AS h ON h.person_id = b.husband_person_id
LEFT JOIN departed AS w ON w.person_id = b.wife_person_id
WHERE coalesce(f.annulments, 0) = 0
