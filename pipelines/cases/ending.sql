-- Why is a case's finding gone? One row per case of gone: open, and nothing of tonight fires for it. Reads gone; heir (match.sql);
-- touched (rows that a delivery applied tonight brought, changed or closed); placed and placed_before (person_records, tonight's and the
-- parent vintage's); findings_cleared; rules and rules_before (rules_judged).
CREATE TEMP TABLE gone_record AS
SELECT case_id, r.source, r.record_key, r.role FROM (SELECT case_id, unnest(records) AS r FROM gone);

-- The persons of a case, before and tonight: those it names, their heirs, and whoever holds its records.
CREATE TEMP TABLE gone_person AS
WITH named AS (SELECT case_id, unnest(person_ids) AS person_id FROM gone)
SELECT case_id, person_id, FALSE AS tonight FROM named
UNION SELECT g.case_id, p.person_id, FALSE FROM gone_record AS g INNER JOIN placed_before AS p USING (source, record_key, role)
UNION SELECT case_id, coalesce(heir.heir, named.person_id), TRUE FROM named LEFT JOIN heir USING (person_id)
UNION SELECT g.case_id, p.person_id, TRUE FROM gone_record AS g INNER JOIN placed AS p USING (source, record_key, role);

-- Every record of those persons: whose it was, whose it is, and what tonight's deliveries did to it.
CREATE TEMP TABLE gone_held AS
WITH before AS (
    SELECT g.case_id, p.source, p.record_key, p.role FROM gone_person AS g INNER JOIN placed_before AS p USING (person_id) WHERE NOT g.tonight
),
after AS (
    SELECT g.case_id, p.source, p.record_key, p.role FROM gone_person AS g INNER JOIN placed AS p USING (person_id) WHERE g.tonight
),
held AS (SELECT * FROM before UNION SELECT * FROM after UNION SELECT * FROM gone_record)
SELECT h.*, b.person_id AS was, a.person_id AS is_now, t.how, t.place,
    (h.case_id, h.source, h.record_key, h.role) IN (SELECT (case_id, source, record_key, role) FROM gone_record) AS is_evidence,
    NOT coalesce(b.person_id IN (SELECT person_id FROM gone_person WHERE case_id = h.case_id AND NOT tonight), FALSE) AS joined
FROM held AS h
LEFT JOIN placed_before AS b USING (source, record_key, role)
LEFT JOIN placed AS a USING (source, record_key, role)
LEFT JOIN touched AS t USING (source, record_key);

-- Records that no delivery touched and that were one person's: parted, or joined by others.
CREATE TEMP TABLE gone_link AS
WITH still AS (SELECT * FROM gone_held WHERE how IS NULL AND was IS NOT NULL AND is_now IS NOT NULL),
parted AS (SELECT case_id FROM still GROUP BY case_id, was HAVING count(DISTINCT is_now) > 1),
united AS (SELECT case_id FROM still GROUP BY case_id, is_now HAVING count(DISTINCT was) > 1)
SELECT case_id, bool_or(is_parted) AS is_parted
FROM (SELECT case_id, TRUE AS is_parted FROM parted UNION ALL SELECT case_id, FALSE FROM united)
GROUP BY case_id;

-- What shows a correction: the case's own rows and those that joined its persons; where none does, any other row of theirs.
CREATE TEMP TABLE gone_shown AS
WITH shown AS (
    SELECT DISTINCT h.case_id, h.how, h.place, h.is_evidence OR h.joined AS is_close, h.is_evidence, h.source = g.owner AS is_owners
    FROM gone_held AS h INNER JOIN gone AS g USING (case_id)
    WHERE h.how IS NOT NULL
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY case_id ORDER BY is_owners DESC, is_evidence DESC, place) AS n FROM shown
    QUALIFY is_close = max(is_close) OVER (PARTITION BY case_id)
)
SELECT case_id, bool_or(is_close) AS is_close, string_agg(how || ' ' || place, chr(10) ORDER BY n) FILTER (WHERE n <= 3) AS rows_shown
FROM ranked GROUP BY case_id;

CREATE TEMP TABLE ending AS
WITH explained AS (
    SELECT finding_id, string_agg(DISTINCT explanation, ', ' ORDER BY explanation) AS explanation FROM findings_cleared GROUP BY finding_id
)
SELECT
    g.case_id,
    CASE
        WHEN b.code IS NOT NULL AND r.code IS NULL THEN 'rule_withdrawn'
        WHEN b.fingerprint <> r.fingerprint THEN 'rule_changed'
        WHEN s.is_close THEN 'shown'
        WHEN x.explanation IS NOT NULL THEN 'explained'
        WHEN l.is_parted THEN 'parted'
        WHEN NOT l.is_parted THEN 'joined'
        WHEN s.case_id IS NOT NULL THEN 'shown'
        ELSE 'not_due'
    END AS ending,
    s.rows_shown, x.explanation
FROM gone AS g
LEFT JOIN gone_shown AS s USING (case_id)
LEFT JOIN gone_link AS l USING (case_id)
LEFT JOIN explained AS x USING (finding_id)
LEFT JOIN rules AS r ON r.code = g.code
LEFT JOIN rules_before AS b ON b.code = g.code;
