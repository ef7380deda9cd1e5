-- New, reopened and fixed cases since the night compared with, the gravest first, as many of each as a page shows.
SELECT case_id, code, change, severity, owner, division, since, due_on, state, yuan
FROM (
    SELECT * REPLACE (yuan::DOUBLE AS yuan), row_number() OVER (PARTITION BY change ORDER BY severity_rank, confidence DESC, coalesce(yuan, 0) DESC, case_id) AS place
    FROM casebook WHERE change IN ('new', 'reopened', 'fixed') AND getvariable('since') IS NOT NULL
)
WHERE place <= 12
ORDER BY list_position(['new', 'reopened', 'fixed'], change), place
