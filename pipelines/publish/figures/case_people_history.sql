-- What became of the ids of the chosen case's people, and of those that they took over.
SELECT h.*
FROM person_history AS h
JOIN (SELECT unnest(c.person_ids) AS person_id FROM chosen JOIN cases AS c USING (case_id)) AS m
    ON h.person_id = m.person_id OR h.successor = m.person_id
ORDER BY h.night, h.person_id, h.event
