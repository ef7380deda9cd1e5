-- Every row that register {source} holds of the chosen case's records: where it was delivered, and the hash of its cells.
SELECT DISTINCT '{source}' AS source, r.record_key, r.row_key, r.delivery_id, r.file, r.row_number, r.row_hash, r.first_seen, r.changed_on, r.closed_on
FROM (SELECT unnest(c.records, recursive := true) FROM chosen JOIN cases AS c USING (case_id)) AS m
JOIN "rec_{source}" AS r ON m.source = '{source}' AND r.record_key = m.record_key
ORDER BY r.delivery_id, r.file, r.row_number
