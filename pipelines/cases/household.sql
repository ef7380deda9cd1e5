-- Which of the findings that raise a case tonight are about one household? Reads tonight, claim, placed (person_records) and observation (obs).
-- A person's home is its household number, else its address. A finding whose persons have different homes is about none; seven and more
-- cases at one address are a home for the aged, not a household.
CREATE TEMP TABLE together AS
WITH fresh AS (
    SELECT finding_id, code, left(code, 1) AS family, severity, owner, person_ids
    FROM tonight
    WHERE status IN ('open', 'review') AND finding_id NOT IN (SELECT finding_id FROM claim)
),
company AS (SELECT * FROM fresh QUALIFY count(*) OVER (PARTITION BY family, owner) > 1),
person AS (SELECT DISTINCT finding_id, unnest(person_ids) AS person_id FROM company),
person_home AS (
    SELECT p.finding_id, p.person_id, coalesce('number ' || min(o.household), 'address ' || min(o.division || ' ' || o.address_key)) AS home
    FROM person AS p
    INNER JOIN placed USING (person_id)
    INNER JOIN observation AS o USING (source, record_key, role)
    WHERE o.live
    GROUP BY p.finding_id, p.person_id
),
finding_home AS (SELECT finding_id, min(home) AS home FROM person_home GROUP BY finding_id HAVING count(DISTINCT home) = 1),
gathered AS (
    SELECT
        finding_id,
        first_value(finding_id) OVER (
            PARTITION BY home, family, owner
            ORDER BY list_position(['critical', 'high', 'medium', 'low', 'info'], severity), code, finding_id
        ) AS lead,
        count(*) OVER (PARTITION BY home, family, owner) AS cases
    FROM company
    INNER JOIN finding_home USING (finding_id)
)
SELECT finding_id, lead FROM gathered WHERE cases BETWEEN 2 AND 6 AND finding_id <> lead;
