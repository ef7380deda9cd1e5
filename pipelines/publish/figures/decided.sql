-- One row: of the cases that were closed with an outcome, how many were our wrong links; low, high: Wilson's 95 % interval of the share.
SELECT decided, wrong, round(wrong / decided, 4) AS share, wilson(wrong, decided, -1) AS low, wilson(wrong, decided, 1) AS high
FROM (
    SELECT count(*) AS decided, count(*) FILTER (outcome LIKE 'wrong_link%') AS wrong
    FROM casebook WHERE NOT is_open AND outcome IS NOT NULL AND split_part(outcome, ':', 1) NOT IN ('merged', 'explained', 'lag')
)
WHERE decided > 0
