-- One row per thing that stopped a delivery tonight, or that people overrode; of a period also the deliveries of its earlier nights that still stand held or refused.
SELECT source, delivery_id, gate, observed, allowed, outcome, detail FROM gates WHERE outcome <> 'passed'
UNION ALL
SELECT source, delivery_id, code, NULL, NULL, status, detail FROM deliveries
WHERE status IN ('held', 'refused') AND delivery_id NOT IN (SELECT delivery_id FROM gates WHERE outcome = 'held')
UNION ALL
SELECT source, delivery_id, any_value(code), NULL, NULL, arg_max(status, night), strftime(max(night), '%Y-%m-%d')
FROM ledger
WHERE in_report(night) AND delivery_id NOT IN (SELECT delivery_id FROM deliveries)
GROUP BY source, delivery_id
HAVING arg_max(status, night) IN ('held', 'refused')
ORDER BY source, delivery_id, gate
