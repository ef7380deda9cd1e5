-- The last sign of a person in any source but the household register and electricity: activity, parenthood, a pension row, a death.
SELECT person_id, max(active_on) AS last_on
FROM (
    SELECT person_id, active_on FROM activity
    UNION ALL
    SELECT p.person_id, b.born_on
    FROM rec_birth AS b
    INNER JOIN person_record AS p ON p.register = 'birth' AND p.role IN ('mother', 'father') AND p.record_key = b.record_key
    UNION ALL
    SELECT husband_person_id, registered_on FROM wedding
    UNION ALL
    SELECT wife_person_id, registered_on FROM wedding
    UNION ALL
    SELECT person_id, paid_month FROM payment
    UNION ALL
    SELECT person_id, coalesce(died_on, recorded_on) FROM death_row
) AS sign
WHERE active_on IS NOT NULL
GROUP BY person_id
