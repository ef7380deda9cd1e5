-- One row per person whose death a certificate or a cremation shows. died_on is the later one where dates differ: the careful choice.
SELECT
    person_id,
    coalesce(max(died_on), max(recorded_on)) AS died_on,
    max(died_on) FILTER (WHERE register = 'death') AS certificate_on,
    max(died_on) FILTER (WHERE register = 'cremation') AS cremation_on,
    max(recorded_on) FILTER (WHERE register = 'cremation') AS cremated_on,
    count(*) FILTER (WHERE register = 'death') AS certificates,
    count(*) FILTER (WHERE register = 'cremation') AS cremations,
    arg_max(division, record_key) AS division
FROM death_row
GROUP BY person_id
