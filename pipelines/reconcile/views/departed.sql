-- One row per person whom any register holds for dead. police_only: nothing but a household entry cancelled as dead says so.
SELECT
    coalesce(d.person_id, s.person_id) AS person_id,
    coalesce(d.died_on, s.police_death_on) AS died_on,
    greatest(d.died_on, s.police_death_on) AS died_by,
    d.person_id IS NULL AS police_only
FROM death AS d
FULL JOIN (SELECT person_id, police_death_on FROM standing WHERE police_death_on IS NOT NULL) AS s ON s.person_id = d.person_id
