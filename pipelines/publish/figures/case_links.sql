-- Every judged pair among the records of the chosen case's people, refused ones too.
WITH mine AS (
    SELECT o.obs_id, o.source, o.record_key, o.role, p.person_id
    FROM (SELECT unnest(c.person_ids) AS person_id FROM chosen JOIN cases AS c USING (case_id)) AS m
    JOIN person_records AS p USING (person_id)
    JOIN observations AS o USING (source, record_key, role)
)
SELECT
    l.source AS source_l, l.record_key AS record_key_l, l.role AS role_l, l.person_id AS person_id_l,
    r.source AS source_r, r.record_key AS record_key_r, r.role AS role_r, r.person_id AS person_id_r,
    k.tier, k.rule, k.levels, k.weight, k.probability, k.model_hash, k.accepted
FROM links AS k
JOIN mine AS l ON l.obs_id = k.obs_id_l
JOIN mine AS r ON r.obs_id = k.obs_id_r
ORDER BY l.source, l.record_key, l.role, r.source, r.record_key, r.role
