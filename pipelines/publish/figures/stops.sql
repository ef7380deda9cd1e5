-- One row per delivery that was stopped tonight: held by a gate, held or refused on arrival.
CREATE TEMP VIEW stopped AS
SELECT delivery_id, source, 'held' AS status FROM gates WHERE outcome = 'held'
UNION
SELECT delivery_id, source, status FROM deliveries WHERE status IN ('held', 'refused')
