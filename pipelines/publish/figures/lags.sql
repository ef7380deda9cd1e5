-- One row per source and event: how late events reach us, and how many of the last days are still to come.
SELECT source, event, events, median_days, p90_days, p99_days, longest_days, arrived, round(to_come, 1) AS to_come
FROM lags
ORDER BY source, event
