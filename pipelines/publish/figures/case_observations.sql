-- Every observation of the chosen case.
SELECT o.*
FROM (SELECT unnest(c.records, recursive := true) FROM chosen JOIN cases AS c USING (case_id)) AS m
JOIN observations AS o USING (source, record_key, role)
ORDER BY o.source, o.record_key, o.role
