-- Open cases, the ones to read first: what is new or reopened since the night compared with, a few of every rule, then the gravest.
SELECT case_id
FROM (
    SELECT
        *,
        row_number() OVER (PARTITION BY code ORDER BY severity_rank, confidence DESC, coalesce(yuan, 0) DESC, late_days DESC, case_id) AS place,
        row_number() OVER (
            PARTITION BY change IN ('new', 'reopened') ORDER BY severity_rank, confidence DESC, coalesce(yuan, 0) DESC, case_id
        ) AS turn
    FROM casebook WHERE is_open
)
ORDER BY
    NOT (getvariable('since') IS NOT NULL AND change IN ('new', 'reopened') AND turn <= 60), place > 5, severity_rank,
    confidence DESC, coalesce(yuan, 0) DESC, late_days DESC, case_id
