-- One row per source other than the household register: of the people that it speaks of, how many the register has an entry for, live or
-- cancelled; and of those whom it holds for dead, how many have no live entry left. low, high: Wilson's 95 % interval of the share.
-- Of a register of events only those of three months to three years ago count: later ones are on their way, and of earlier ones the
-- household register no longer holds the cancelled entries.
WITH household AS (
    SELECT DISTINCT r.person_id FROM person_records AS r JOIN source_kinds AS k USING (source) WHERE k.covers = 'population' AND NOT k.evaluation_only
),
spoken AS (
    SELECT r.source, r.person_id, bool_or(r.role = 'deceased') AS dead
    FROM person_records AS r
    JOIN source_kinds AS k USING (source)
    LEFT JOIN observations AS o USING (source, record_key, role)
    WHERE (k.covers <> 'population' OR k.evaluation_only) AND k.covers <> 'utility' AND r.role NOT IN ('mother', 'father')
        AND (
            k.covers <> 'event'
            OR o.event_date BETWEEN getvariable('night') - INTERVAL 3 YEAR AND getvariable('night') - INTERVAL 3 MONTH
        )
    GROUP BY r.source, r.person_id
),
counted AS (
    SELECT
        s.source, count(*) AS people, count(h.person_id) AS registered,
        count(h.person_id) FILTER (s.dead) AS dead, count(h.person_id) FILTER (s.dead AND p.live_entries = 0) AS ended
    FROM spoken AS s
    JOIN persons AS p USING (person_id)
    LEFT JOIN household AS h USING (person_id)
    GROUP BY s.source
)
SELECT
    source, people, registered, round(registered / people, 4) AS share, wilson(registered, people, -1) AS low, wilson(registered, people, 1) AS high,
    nullif(dead, 0) AS dead, CASE WHEN dead > 0 THEN ended END AS ended,
    CASE WHEN dead > 0 THEN round(ended / dead, 4) END AS ended_share, wilson(ended, dead, -1) AS ended_low, wilson(ended, dead, 1) AS ended_high
FROM counted
ORDER BY source
