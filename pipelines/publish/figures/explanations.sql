-- One row per rule and innocent explanation that answered a would-be finding tonight.
SELECT code, explanation, count(*) AS cleared
FROM findings_cleared
GROUP BY code, explanation
ORDER BY code, explanation
