-- Death certificates (deleted ones left out) and cremations (unidentified bodies left out), row by row.
-- died_on: date of death; a cremation without one has its cremation date in recorded_on only.
SELECT
    p.person_id, p.source, p.register, r.record_key, p.role, r.died_on, coalesce(r.issued_on, r.reported_on) AS recorded_on,
    r.household_address_division AS division, r.first_seen
FROM rec_death AS r
INNER JOIN person_record AS p ON p.register = 'death' AND p.role = 'deceased' AND p.record_key = r.record_key
WHERE coalesce(r.status, 'normal') <> 'deleted' AND r.closed_on IS NULL
UNION ALL
SELECT
    p.person_id, p.source, p.register, r.record_key, p.role, r.died_on, r.cremated_on AS recorded_on,
    r.household_address_division AS division, r.first_seen
FROM rec_cremation AS r
INNER JOIN person_record AS p ON p.register = 'cremation' AND p.role = 'deceased' AND p.record_key = r.record_key
WHERE NOT coalesce(r.unidentified, FALSE) AND r.closed_on IS NULL
