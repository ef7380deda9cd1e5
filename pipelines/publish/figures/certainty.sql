-- One row per band of the weakest link that holds a person together; people of one record need no link.
SELECT band, count(person_id) AS persons
FROM (VALUES ('1', 1.0, 2.0), ('>= 0.99', 0.99, 1.0), ('0.95-0.99', 0.95, 0.99), ('0.80-0.95', 0.80, 0.95), ('< 0.80', -1.0, 0.80)) AS bands (band, least, most)
LEFT JOIN (SELECT person_id, weakest_link FROM persons WHERE n_records > 1) AS p ON p.weakest_link >= least AND p.weakest_link < most
GROUP BY band, least
ORDER BY least DESC
