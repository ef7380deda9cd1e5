-- One row per outcome of the cases closed so far, and since the night compared with.
SELECT coalesce(string_split(outcome, ':')[1], state) AS outcome, count(*) AS cases_ever, count(*) FILTER (change IN ('fixed', 'cleared')) AS cases_since
FROM casebook
WHERE NOT is_open
GROUP BY 1
ORDER BY cases_ever DESC, outcome
