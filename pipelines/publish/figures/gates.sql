-- One row per thing that stopped a delivery tonight, or that people overrode.
SELECT source, delivery_id, gate, observed, allowed, outcome, detail FROM gates WHERE outcome <> 'passed'
UNION ALL
SELECT source, delivery_id, code, NULL, NULL, status, detail FROM deliveries
WHERE status IN ('held', 'refused') AND delivery_id NOT IN (SELECT delivery_id FROM gates WHERE outcome = 'held')
ORDER BY source, delivery_id, gate
