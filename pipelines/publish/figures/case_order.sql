-- Open cases, the ones to read first: a few of every rule, then the gravest.
SELECT case_id
FROM (
    SELECT
        *,
        row_number() OVER (PARTITION BY code ORDER BY severity_rank, confidence DESC, coalesce(yuan, 0) DESC, late_days DESC, case_id) AS place
    FROM casebook WHERE is_open
)
ORDER BY place > 5, severity_rank, confidence DESC, coalesce(yuan, 0) DESC, late_days DESC, case_id
