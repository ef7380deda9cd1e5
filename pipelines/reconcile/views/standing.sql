-- One row per person with household register entries: how many, how many live, where, since when.
SELECT
    person_id,
    count(*) AS entries,
    count(*) FILTER (WHERE live) AS live_entries,
    max(coalesce(registered_on, first_seen)) FILTER (WHERE live) AS last_registered_on,
    coalesce(arg_max(division, record_key) FILTER (WHERE live), arg_max(division, record_key)) AS division,
    max(police_death_on) AS police_death_on,
    max(death_date) FILTER (WHERE cancellation_kind = 'death') AS police_died_on
FROM entry
GROUP BY person_id
