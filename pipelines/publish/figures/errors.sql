-- One row per kind of error of our own: how many we expect by our own probabilities (expected, give or take 1.96 deviations: low, high) among how many.
SELECT kind, n, round(expected, 1) AS expected, round(greatest(expected - 1.96 * deviation, 0), 1) AS low, round(expected + 1.96 * deviation, 1) AS high
FROM (
    SELECT 'wrong_links' AS kind, count(*) AS n, coalesce(sum(1 - probability), 0) AS expected, sqrt(coalesce(sum(probability * (1 - probability)), 0)) AS deviation
    FROM links WHERE accepted
    UNION ALL
    SELECT 'missed_links', count(*), coalesce(sum(probability), 0), sqrt(coalesce(sum(probability * (1 - probability)), 0))
    FROM links WHERE NOT accepted
    UNION ALL
    SELECT 'false_findings', count(*), coalesce(sum(1 - confidence), 0), sqrt(coalesce(sum(confidence * (1 - confidence)), 0))
    FROM findings
)
