-- One row per kind of change of person ids since the night compared with.
SELECT event, count(*) AS persons
FROM person_history
WHERE in_report(night)
GROUP BY event
ORDER BY list_position(['created', 'merged', 'split', 'retired'], event), event
