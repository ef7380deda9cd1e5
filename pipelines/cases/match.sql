-- Which case does each of tonight's findings belong to? Reads tonight, standing (inputs.cases) and history (person_history).

-- Who took over a person, to the end of the chain.
CREATE TEMP TABLE heir AS
WITH RECURSIVE took_over AS (
    SELECT person_id, arg_max(successor, (night, successor)) AS successor
    FROM history
    WHERE event IN ('merged', 'retired') AND successor IS NOT NULL AND successor <> person_id
    GROUP BY person_id
),
chain AS (
    SELECT person_id, successor, 1 AS steps FROM took_over
    UNION ALL
    SELECT chain.person_id, took_over.successor, chain.steps + 1
    FROM chain
    INNER JOIN took_over ON took_over.person_id = chain.successor
    WHERE chain.steps < 100
)
SELECT person_id, arg_max(successor, steps) AS heir FROM chain GROUP BY person_id;

-- The case that stands for each case: itself, or the one it was merged into.
CREATE TEMP TABLE root AS
WITH RECURSIVE chain AS (
    SELECT case_id, merged_into AS stands_for, 1 AS steps FROM standing WHERE merged_into IS NOT NULL
    UNION ALL
    SELECT chain.case_id, standing.merged_into, chain.steps + 1
    FROM chain
    INNER JOIN standing ON standing.case_id = chain.stands_for
    WHERE standing.merged_into IS NOT NULL AND chain.steps < 100
)
SELECT standing.case_id, coalesce(arg_max(chain.stands_for, chain.steps), standing.case_id) AS root
FROM standing
LEFT JOIN chain USING (case_id)
GROUP BY standing.case_id;

-- A case's subject as it is named tonight: retired persons in the key give way to their heirs.
CREATE TEMP TABLE subject AS
WITH token AS (
    SELECT case_id, code, subject_key, unnest(string_split(subject_key, '|')) AS token FROM standing
)
SELECT
    case_id, code,
    CASE
        WHEN count(heir.heir) = 0 THEN any_value(subject_key)
        ELSE string_agg(DISTINCT coalesce(heir.heir, token), '|' ORDER BY coalesce(heir.heir, token))
    END AS subject_key
FROM token
LEFT JOIN heir ON heir.person_id = token.token
GROUP BY case_id, code;

CREATE TEMP TABLE claim AS
SELECT DISTINCT tonight.finding_id, root.root AS case_id
FROM tonight
INNER JOIN subject USING (code, subject_key)
INNER JOIN root USING (case_id);

-- Else by evidence: the same rule on more than half of the same records, one case for one finding, the greatest overlap first.
INSERT INTO claim
WITH finding_record AS (
    SELECT finding_id, code, unnest(records) AS record, len(records) AS n FROM tonight
    WHERE finding_id NOT IN (SELECT finding_id FROM claim)
),
case_record AS (
    SELECT case_id, code, unnest(records) AS record, len(records) AS n FROM standing
    WHERE merged_into IS NULL AND case_id NOT IN (SELECT case_id FROM claim)
),
overlap AS (
    SELECT f.finding_id, c.case_id, count(*) / (any_value(f.n) + any_value(c.n) - count(*)) AS share
    FROM finding_record AS f
    INNER JOIN case_record AS c ON c.code = f.code AND c.record = f.record
    GROUP BY f.finding_id, c.case_id
),
ranked AS (
    SELECT finding_id, case_id,
        row_number() OVER (PARTITION BY finding_id ORDER BY share DESC, case_id) AS of_finding,
        row_number() OVER (PARTITION BY case_id ORDER BY share DESC, finding_id) AS of_case
    FROM overlap
    WHERE share > 0.5
)
SELECT finding_id, case_id FROM ranked WHERE of_finding = 1 AND of_case = 1;
