-- From the entries that the household register holds to the people who should have one: one row per step, signed, then the sum.
-- people: expected number, each finding counted with its P(real); give_or_take: 1.96 deviations of it. A person counts in one step.
-- What no rule can see is not in it: people in no register, and events still on their way.
WITH steps (place, step, sign, codes) AS (
    VALUES (3, 'dead', -1, ['D01']), (4, 'unregistered', 1, ['B01', 'B03']), (5, 'beneficiary', 1, ['P02'])
),
counted AS (
    SELECT min(s.place) AS place, max(m.confidence) AS p
    FROM (SELECT unnest(person_ids) AS person_id, code, confidence FROM findings) AS m
    JOIN steps AS s ON list_contains(s.codes, m.code)
    GROUP BY m.person_id
),
listed AS (
    SELECT 1 AS place, 'entries' AS step, coalesce(sum(live_entries), 0)::DOUBLE AS people, 0::DOUBLE AS variance FROM persons
    UNION ALL
    SELECT
        2, 'duplicates', -coalesce(sum((live_entries - 1) * coalesce(weakest_link, 1)), 0),
        coalesce(sum((live_entries - 1) * coalesce(weakest_link, 1) * (1 - coalesce(weakest_link, 1))), 0)
    FROM persons WHERE live_entries > 1
    UNION ALL
    SELECT s.place, s.step, s.sign * coalesce(sum(c.p), 0), coalesce(sum(c.p * (1 - c.p)), 0)
    FROM steps AS s LEFT JOIN counted AS c USING (place)
    GROUP BY s.place, s.step, s.sign
)
SELECT step, round(people, 1) AS people, round(1.96 * sqrt(variance), 1) AS give_or_take
FROM (SELECT * FROM listed UNION ALL SELECT 6, 'people', sum(people), sum(variance) FROM listed)
ORDER BY place
