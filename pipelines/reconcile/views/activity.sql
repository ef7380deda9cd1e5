-- What only the living do: a pupil shown as enrolled, a marriage or divorce (no re-issue), a pension verification. Electricity is none.
SELECT person_id, source, record_key, role, 'school' AS kind, last_shown_on AS active_on
FROM pupil
WHERE status = 'enrolled'
UNION ALL
SELECT husband_person_id, source, record_key, 'husband', kind, registered_on
FROM wedding
WHERE kind IN ('marriage', 'divorce')
UNION ALL
SELECT wife_person_id, source, record_key, 'wife', kind, registered_on
FROM wedding
WHERE kind IN ('marriage', 'divorce')
UNION ALL
SELECT person_id, source, record_key, role, 'verification', max(verified_on)
FROM payment
WHERE verified_on IS NOT NULL
GROUP BY person_id, source, record_key, role
