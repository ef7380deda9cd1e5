-- One row per tier of links: how many, how sure.
SELECT
    tier,
    count(*) AS pairs,
    count(*) FILTER (accepted) AS accepted,
    round(avg(probability) FILTER (accepted), 6) AS mean_probability,
    round(min(probability) FILTER (accepted), 6) AS least_probability,
    count(*) FILTER (accepted AND probability < 0.95) AS weak
FROM links
GROUP BY tier
ORDER BY tier
