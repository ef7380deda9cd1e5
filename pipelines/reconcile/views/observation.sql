-- Every observation with its person. Sources that are for evaluation only (the census) are left out: no rule can see them.
-- live: not closed; in_force: live, and for a household entry not cancelled either.
-- number_birth_date, number_sex: what a valid resident number says of its holder, as the country pack reads it.
-- own_number: the number is the person's own by role (an electricity account often holds an old owner's).
SELECT
    o.obs_id, p.register, o.source, o.record_key, o.role, p.person_id, p.probability, o.live, o.changed_on, o.name, o.name_fold, o.name_kind,
    o.sex, o.birth_date, o.birth_precision, o.id_text, o.id_number, o.id_kind, o.id_valid, o.id_reasons, o.old_id_number, o.division, o.address,
    o.mother_id, o.father_id, o.guardian_id, o.spouse_id, o.event_date,
    o.id_number IS NOT NULL AND p.register <> 'electricity' AS own_number,
    o.live AND coalesce(e.live, TRUE) AS in_force,
    n.birth_date AS number_birth_date, n.sex AS number_sex
FROM obs AS o
INNER JOIN person_record AS p ON p.source = o.source AND p.record_key = o.record_key AND p.role = o.role
LEFT JOIN number_told AS n ON n.id_number = o.id_number AND o.id_valid AND o.id_kind IN ('resident', 'resident15')
LEFT JOIN entry AS e ON p.register = 'police' AND e.record_key = o.record_key
WHERE NOT p.evaluation_only
