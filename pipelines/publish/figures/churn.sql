-- One row per kind of change of person ids since the night compared with.
SELECT event, count(*) AS persons
FROM person_history
WHERE night > coalesce(getvariable('since'), DATE '0001-01-01') OR night = getvariable('night')
GROUP BY event
ORDER BY list_position(['created', 'merged', 'split', 'retired'], event), event
