-- One row per source: how far it has reported, and what came of tonight's deliveries.
SELECT
    h.source, h.began, h.delivered_through, h.reporting_lag_days, h.horizon, h.stale_days,
    coalesce(d.accepted, 0) AS accepted, coalesce(d.repeated, 0) AS repeated, coalesce(d.held, 0) AS held, coalesce(d.refused, 0) AS refused,
    coalesce(d.waiting, 0) AS waiting
FROM horizons AS h
LEFT JOIN (
    SELECT
        source,
        count(*) FILTER (status = 'accepted') AS accepted,
        count(*) FILTER (status = 'repeated') AS repeated,
        count(*) FILTER (status = 'held') AS held,
        count(*) FILTER (status = 'refused') AS refused,
        count(*) FILTER (status = 'waiting') AS waiting
    FROM (
        SELECT d.source, d.delivery_id, coalesce(min(s.status), any_value(d.status)) AS status
        FROM deliveries AS d LEFT JOIN stopped AS s USING (delivery_id)
        GROUP BY d.source, d.delivery_id
    )
    GROUP BY source
) AS d USING (source)
ORDER BY h.source
