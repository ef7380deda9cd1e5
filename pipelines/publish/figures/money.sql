-- One row per rule whose open cases carry money.
SELECT
    code,
    count(*) AS cases_open,
    sum(yuan)::DOUBLE AS yuan,
    max(yuan)::DOUBLE AS largest,
    coalesce(sum(yuan) FILTER (change IN ('new', 'reopened')), 0)::DOUBLE AS yuan_new
FROM casebook
WHERE is_open AND yuan > 0
GROUP BY code
ORDER BY yuan DESC, code
