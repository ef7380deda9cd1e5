"""When a discrepancy of the catalogue truly holds, in SQL over the simulated registers with the true persons known.

Each query sees only what was delivered by the night: views ``police birth death cremation marriage school pension obs``
(standing versions) and those of ``VIEWS``. Parameters in braces: ``h_<source>`` horizons, ``t`` the night, ``start`` 31 August
of the last school year whose 30 November has passed, ``<source>_began``. Days are integers; grace of n days = from day n + 1.
"""

MACROS = (
    "CREATE MACRO who(person) AS 'T' || lpad(person::VARCHAR, 7, '0')",
    "CREATE MACRO rec(source, key, role) AS source || '|' || key || '|' || role",
    "CREATE MACRO day(days) AS DATE '1970-01-01' + days::INTEGER",
    "CREATE MACRO month_of(days) AS year(day(days)) * 12 + month(day(days)) - 1",
    "CREATE MACRO known_day(days) AS days < 10000000",
)

VIEWS = {
    "deaths": """
        SELECT person, death, 1 AS rank, rec('death', key, 'deceased') AS record FROM death WHERE status <> 2
        UNION ALL SELECT person, death, 2, rec('cremation', key, 'deceased') FROM cremation WHERE unidentified = 0 AND person >= 0
        UNION ALL SELECT person, death_date, 3, rec('police', key, 'self') FROM police WHERE cancel_kind = 1 AND known_day(death_date)""",
    "known": "SELECT person, arg_min(death, rank) AS death, list(record ORDER BY record) AS records FROM deaths GROUP BY person",
    "evidence": "SELECT person, min(death) AS death, list(record ORDER BY record) AS records FROM deaths WHERE rank < 3 GROUP BY person",
    "live": """
        SELECT person, count(*) AS entries, max(reg_date) AS reg_date, list(rec('police', key, 'self') ORDER BY key) AS records
        FROM police WHERE cancel_kind = 0 GROUP BY person""",
    "ends": """
        SELECT w.base, min(d.date) AS ended, bool_or(d.kind = 3) AS void FROM marriage w
        JOIN marriage d ON d.kind IN (1, 3) AND d.orig = w.base WHERE w.kind = 0 GROUP BY w.base""",
    "unions": """
        SELECT w.base, w.key, w.date, w.territory, w.husband, w.wife,
            least(coalesce(e.ended, 10000000), coalesce(h.death, 10000000), coalesce(f.death, 10000000)) AS ended
        FROM marriage w LEFT JOIN ends e USING (base) LEFT JOIN known h ON h.person = w.husband LEFT JOIN known f ON f.person = w.wife
        WHERE w.kind = 0 AND NOT coalesce(e.void, false)""",
    "sides": """
        SELECT base, key, date, territory, ended, husband AS person, 'husband' AS role FROM unions
        UNION ALL SELECT base, key, date, territory, ended, wife, 'wife' FROM unions""",
    "divorces": """
        SELECT husband AS person, 'husband' AS role, date, key, territory FROM marriage WHERE kind = 1
        UNION ALL SELECT wife, 'wife', date, key, territory FROM marriage WHERE kind = 1""",
    "activity": """
        SELECT person, max(day) AS day FROM (
            SELECT husband AS person, date AS day FROM marriage UNION ALL SELECT wife, date FROM marriage
            UNION ALL SELECT mother, birth FROM birth UNION ALL SELECT father, birth FROM birth
            UNION ALL SELECT person, {h_school} FROM school WHERE status = 0
            UNION ALL SELECT person, shown FROM pension)
        GROUP BY person""",
    "records": """
        SELECT person, max(day) AS day FROM (
            SELECT * FROM activity UNION ALL SELECT person, death FROM death UNION ALL SELECT person, death FROM cremation)
        GROUP BY person""",
    "first_births": "SELECT * FROM birth WHERE orig < 0",
    "own": """
        SELECT number, person, rec(source, key, role) AS record FROM obs
        WHERE source NOT IN ('electricity', 'census') AND number > 0 AND NOT malformed AND excuse IN ('', 'lunar')""",
}

ABOUT_PERSONS = {
    "D01": """
        SELECT l.person, list_concat(l.records, e.records) AS records, e.death AS since
        FROM live l JOIN evidence e USING (person) WHERE {h_police} - e.death > 30""",
    "D02": """
        SELECT p.person, list(rec('police', p.key, 'self')) AS records, min(least(p.death_date, p.cancel_date)) AS since
        FROM police p LEFT JOIN evidence e USING (person) WHERE p.cancel_kind = 1 AND e.person IS NULL
            AND CASE WHEN known_day(p.death_date) THEN p.death_date ELSE p.cancel_date END BETWEEN {death_began} AND {h_death} - 61
        GROUP BY p.person""",
    "D03": """
        SELECT k.person, list_concat(list(rec('pension', a.key, 'beneficiary') ORDER BY a.key), first(k.records)) AS records, first(k.death) AS since
        FROM pension a JOIN known k USING (person) WHERE a.last_paid - month_of(k.death) >= 2 GROUP BY k.person""",
    "D04": """
        SELECT k.person, list_concat(list(a.record ORDER BY a.record), first(k.records)) AS records, first(k.death) AS since
        FROM (SELECT person, {h_school} AS day, rec('school', key, 'pupil') AS record FROM school WHERE status = 0
            UNION ALL SELECT husband, date, rec('marriage', key, 'husband') FROM marriage WHERE kind IN (0, 1)
            UNION ALL SELECT wife, date, rec('marriage', key, 'wife') FROM marriage WHERE kind IN (0, 1)
            UNION ALL SELECT person, verified, rec('pension', key, 'beneficiary') FROM pension) a
        JOIN known k USING (person) WHERE a.day - k.death > 30 GROUP BY k.person""",
    "D05": """
        SELECT person, list(record ORDER BY record) AS records, min(death) AS since FROM deaths
        GROUP BY person HAVING max(death) - min(death) > 7""",
    "D06": """
        SELECT c.person, list(rec('cremation', c.key, 'deceased')) AS records, min(c.cremated) AS since
        FROM cremation c WHERE c.unidentified = 0 AND c.person >= 0 AND c.cert <> -2 AND {h_death} - c.cremated > 30
            AND c.person NOT IN (SELECT person FROM death WHERE status <> 2) GROUP BY c.person""",
    "B01": """
        SELECT b.child AS person, list(rec('birth', b.key, 'child') ORDER BY b.key) AS records, min(b.birth) AS since
        FROM birth b WHERE {h_police} - b.birth > 60 AND b.child NOT IN (SELECT person FROM police) AND b.child NOT IN (SELECT person FROM known)
        GROUP BY b.child""",
    "B01:watch": """
        SELECT b.child AS person, list(rec('birth', b.key, 'child') ORDER BY b.key) AS records, min(b.birth) AS since
        FROM birth b WHERE {h_police} - b.birth BETWEEN 31 AND 60
            AND b.child NOT IN (SELECT person FROM police) AND b.child NOT IN (SELECT person FROM known)
        GROUP BY b.child""",
    "B02": """
        SELECT p.person, list(rec('police', p.key, 'self') ORDER BY p.key) AS records, min(p.reg_date) AS since
        FROM police p WHERE p.reg_kind IN (0, 2) AND p.birth >= {birth_began} AND {h_birth} - p.reg_date > 60
            AND p.person NOT IN (SELECT child FROM birth) GROUP BY p.person""",
    "B03": """
        SELECT s.person, list(rec('school', s.key, 'pupil') ORDER BY s.key) AS records, min(s.entered) AS since
        FROM school s WHERE s.status = 0 AND s.paper = 0 AND s.person NOT IN (SELECT person FROM police) GROUP BY s.person""",
    "B04": """
        SELECT l.person, l.records, {start} AS since FROM live l JOIN people p USING (person)
        WHERE l.person NOT IN (SELECT person FROM school WHERE status IN (0, 1))
            AND day(p.birth) > day({start}) - INTERVAL 16 YEAR AND day(p.birth) <= day({start}) - INTERVAL 7 YEAR""",
    "I01": "SELECT person, records, reg_date AS since FROM live WHERE entries >= 2 AND {h_police} - reg_date > 60",
    "I03": """
        SELECT o.person, list(DISTINCT o.record ORDER BY o.record) AS records, {t} AS since
        FROM own o WHERE NOT EXISTS (SELECT 1 FROM police p WHERE p.person = o.person AND p.old_number = o.number)
        GROUP BY o.person HAVING count(DISTINCT o.number) >= 2""",
    "M01": """
        SELECT person, list_concat(list(DISTINCT entry ORDER BY entry), list(DISTINCT record ORDER BY record)) AS records, min(date) AS since
        FROM (SELECT p.person, s.date, rec('police', p.key, 'self') AS entry, rec('marriage', s.key, s.role) AS record
            FROM police p JOIN sides s USING (person)
            WHERE p.cancel_kind = 0 AND p.marital = 0 AND s.ended > {t} AND {h_police} - s.date > 90
                AND NOT (s.date >= {free_office} AND s.territory <> p.territory)
            UNION ALL SELECT p.person, d.date, rec('police', p.key, 'self'), rec('marriage', d.key, d.role)
            FROM police p JOIN divorces d USING (person)
            WHERE p.cancel_kind = 0 AND p.marital = 1 AND {h_police} - d.date > 90
                AND NOT (d.date >= {free_office} AND d.territory <> p.territory)
                AND p.person NOT IN (SELECT person FROM sides WHERE ended > {t})
                AND NOT EXISTS (SELECT 1 FROM sides n WHERE n.person = p.person AND n.date > d.date))
        GROUP BY person""",
    "M02": """
        SELECT a.person, list_concat(list(rec('marriage', a.key, a.role)), list(rec('marriage', b.key, b.role))) AS records,
            min(greatest(a.date, b.date)) AS since
        FROM sides a JOIN sides b ON a.person = b.person AND a.base < b.base AND a.date < b.ended AND b.date < a.ended
            AND {h_marriage} > greatest(a.date, b.date) GROUP BY a.person""",
    "E01": """
        SELECT person, list(rec('school', key, 'pupil') ORDER BY key) AS records,
            max(CASE WHEN known_day(change_date) THEN change_date ELSE entered END) AS since
        FROM school WHERE status = 0 GROUP BY person HAVING count(DISTINCT school) >= 2 AND {h_school} - since > 30""",
    "P01": """
        SELECT a.person, list_concat(list(rec('pension', a.key, 'beneficiary')), list(rec('pension', b.key, 'beneficiary'))) AS records,
            {t} AS since
        FROM pension a JOIN pension b ON a.person = b.person AND a.base < b.base AND (a.scheme <> b.scheme OR a.territory <> b.territory)
            AND greatest(a.first_paid, b.first_paid) <= least(a.last_paid, b.last_paid) GROUP BY a.person""",
    "P02": """
        SELECT a.person, list(rec('pension', a.key, 'beneficiary') ORDER BY a.key) AS records, {t} AS since
        FROM pension a WHERE a.last_paid >= a.first_paid AND a.person NOT IN (SELECT person FROM police) GROUP BY a.person""",
    "L01": """
        SELECT person, flatten(list(records)) AS records, min(since) AS since FROM (
            SELECT l.person, l.records, p.birth + 40177 AS since FROM live l JOIN people p USING (person) LEFT JOIN activity a USING (person)
            WHERE day(p.birth) + INTERVAL 111 YEAR <= day({t}) AND coalesce(a.day, 0) < {t} - 1096
            UNION ALL SELECT b.mother, [rec('birth', b.key, 'mother')], b.birth FROM first_births b JOIN people m ON m.person = b.mother
            WHERE day(m.birth) + INTERVAL 13 YEAR > day(b.birth) OR day(m.birth) + INTERVAL 56 YEAR <= day(b.birth)
            UNION ALL SELECT a.mother, [rec('birth', a.key, 'mother'), rec('birth', b.key, 'mother')], greatest(a.birth, b.birth)
            FROM first_births a JOIN first_births b ON a.mother = b.mother AND a.mother >= 0 AND b.birth - a.birth BETWEEN 2 AND 200)
        GROUP BY person""",
    "L02": """
        SELECT l.person, l.records, {t} AS since FROM live l JOIN people p USING (person) LEFT JOIN records r USING (person)
        WHERE day(p.birth) + INTERVAL 80 YEAR <= day({t}) AND coalesce(r.day, 0) < {t} - 1096""",
}

ABOUT_OTHERS = {
    "I02": """
        SELECT number::VARCHAR AS subject, list(DISTINCT who(person)) AS persons, list(DISTINCT record) AS records, {t} AS since
        FROM own GROUP BY number HAVING count(DISTINCT person) >= 2""",
    "I04": """
        SELECT rec(o.source, o.key, o.role) AS subject, [who(o.person)] AS persons, [subject] AS records, {t} AS since
        FROM obs o LEFT JOIN police p ON o.source = 'police' AND p.base = o.base
        WHERE o.source NOT IN ('electricity', 'census') AND (o.source <> 'police' OR p.cancel_kind = 0)
            AND (o.malformed OR (o.number // 1000000000000000 = 88 AND ((o.male >= 0 AND o.number % 2 <> o.male)
                OR (o.birth > 0 AND o.excuse <> 'lunar' AND o.number // 1000 % 100000000 <> o.birth))))""",
    "M03": """
        SELECT 'marriage|' || m.key AS subject, [who(m.husband), who(m.wife)] AS persons,
            [rec('marriage', m.key, 'husband'), rec('marriage', m.key, 'wife')] AS records, m.date AS since
        FROM marriage m JOIN people h ON h.person = m.husband JOIN people w ON w.person = m.wife
        WHERE m.kind = 0 AND m.territory NOT IN (7, 8)
            AND (day(h.birth) + INTERVAL 22 YEAR > day(m.date) OR day(w.birth) + INTERVAL 20 YEAR > day(m.date))""",
    "M04": """
        SELECT 'marriage|' || m.key AS subject, [who(m.husband), who(m.wife)] AS persons,
            list_concat([rec('marriage', m.key, 'husband'), rec('marriage', m.key, 'wife')],
                list_concat(coalesce(h.records, []), coalesce(w.records, []))) AS records, m.date AS since
        FROM marriage m LEFT JOIN known h ON h.person = m.husband LEFT JOIN known w ON w.person = m.wife
        WHERE m.kind = 0 AND (m.date > h.death OR m.date > w.death)""",
}

RULES = {
    **{code: f"SELECT who(person) AS subject, [who(person)] AS persons, records, since FROM ({query})" for code, query in ABOUT_PERSONS.items()},
    **ABOUT_OTHERS,
}
