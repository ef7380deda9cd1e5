"""Which source rows a finding rests on, whose they are, and how good the links between them are."""

import duckdb

from pipelines.errors import ConfigError
from pipelines.reconcile.rule import Rule

SENTENCES = {
    0: ("One record cites the other.", "一条记录引用另一条记录。"),
    1: ("The same valid identity number, and name or birth date agree.", "公民身份号码相同且有效，姓名或出生日期相符。"),
    2: ("The identity number agrees once one writing error is mended.", "更正一处书写错误后公民身份号码相同。"),
    3: ("Name, birth date, sex and place together make one person probable.", "姓名、出生日期、性别、地址综合判断为同一人。"),
    4: ("The same mother, day of birth and sex.", "母亲、出生日期、性别相同。"),
}
"""What each tier of a link says, in one sentence (English, Chinese)."""


def create_evidence(con: duckdb.DuckDBPyConnection, rule: Rule, table: str = "found") -> None:
    """Make ``evidence`` (one row per subject and source row) and ``support`` (one row per subject) for the rows of ``table``.

    ``support.link_quality`` multiplies, person by person, the probabilities of all rows but the surest (the anchor, to which the others are
    linked). Where the finding is an absence, or says that two records are of two people, a refused link weakens it: one less
    the largest probability of a refused pair is a further factor.

    Raises:
        ConfigError: RC-R07 the rule's ``evidence`` fails or names other columns.
    """
    statement = rule.evidence if table == "found" else f"WITH found AS (SELECT * FROM {table}) {_as_query(rule.evidence)}"
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE cited AS SELECT DISTINCT subject_key, source, record_key, role FROM ({statement})")
    except duckdb.Error as error:
        raise ConfigError("RC-R07", "evidence does not run", where=f"rule {rule.code}", why=str(error).splitlines()[0]) from error
    con.execute(
        """CREATE OR REPLACE TEMP TABLE evidence AS
           SELECT c.subject_key, c.source, c.record_key, c.role, p.person_id, p.tier, coalesce(p.probability, 1) AS probability,
               obs_id(c.source, c.record_key, c.role) AS obs_id
           FROM cited AS c
           LEFT JOIN person_record AS p ON p.source = c.source AND p.record_key = c.record_key AND p.role = c.role"""
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE support AS {_support(rule)}")


def _as_query(statement: str) -> str:
    """A statement that begins with its own WITH goes on with the list that ``found`` opened."""
    stripped = statement.lstrip()
    return ", " + stripped[4:].lstrip() if stripped[:4].upper() == "WITH" else stripped


def _support(rule: Rule) -> str:
    return f"""
        WITH by_person AS (
            SELECT subject_key, person_id, product(greatest(probability, 1e-6)) / max(greatest(probability, 1e-6)) AS quality
            FROM evidence
            GROUP BY subject_key, person_id
        ),
        quality AS (
            SELECT subject_key, product(quality) AS quality, list_sort(list(person_id) FILTER (WHERE person_id IS NOT NULL)) AS person_ids
            FROM by_person
            GROUP BY subject_key
        ),
        refused AS ({_refused(rule)})
        SELECT
            e.subject_key, coalesce(any_value(q.person_ids), CAST([] AS VARCHAR[])) AS person_ids,
            list_sort(list(struct_pack(source := e.source, record_key := e.record_key, role := e.role))) AS records,
            any_value(q.quality) * (1 - coalesce(any_value(r.probability), 0)) AS link_quality
        FROM evidence AS e
        INNER JOIN quality AS q ON q.subject_key = e.subject_key
        LEFT JOIN refused AS r ON r.subject_key = e.subject_key
        GROUP BY e.subject_key"""


def _refused(rule: Rule) -> str:
    if rule.two_people:
        return """
            SELECT e.subject_key, max(r.probability) AS probability
            FROM evidence AS e
            INNER JOIN refused_pair AS r ON r.obs_id = e.obs_id
            INNER JOIN evidence AS o ON o.subject_key = e.subject_key AND o.obs_id = r.other_id
            GROUP BY e.subject_key"""
    if rule.absent_from:
        listed = ", ".join(f"'{register}'" for register in rule.absent_from)
        return f"""
            SELECT e.subject_key, max(r.probability) AS probability
            FROM evidence AS e
            INNER JOIN refused_pair AS r ON r.obs_id = e.obs_id
            WHERE r.other_register IN ({listed})
            GROUP BY e.subject_key"""
    return "SELECT NULL AS subject_key, NULL AS probability WHERE FALSE"


def create_link_notes(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``link_note``: for each finding of ``all_evidence``, as JSON, the surest link that holds each of its rows to its person."""
    tiers, tiers_zh = (" ".join(f"WHEN {tier} THEN '{text[place]}'" for tier, text in SENTENCES.items()) for place in (0, 1))
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE link_note AS
            WITH wanted AS (SELECT DISTINCT obs_id, person_id FROM all_evidence WHERE tier IS NOT NULL),
            touching AS (
                SELECT w.obs_id, w.person_id, l.obs_id_r AS other_id, l.* EXCLUDE (obs_id_l, obs_id_r)
                FROM wanted AS w INNER JOIN links AS l ON l.obs_id_l = w.obs_id AND l.accepted
                UNION ALL
                SELECT w.obs_id, w.person_id, l.obs_id_l, l.* EXCLUDE (obs_id_l, obs_id_r)
                FROM wanted AS w INNER JOIN links AS l ON l.obs_id_r = w.obs_id AND l.accepted
            ),
            surest AS (
                SELECT t.*, o.source AS other_source, o.record_key AS other_record_key, o.role AS other_role
                FROM touching AS t
                INNER JOIN observation AS o ON o.obs_id = t.other_id AND o.person_id = t.person_id
                QUALIFY row_number() OVER (PARTITION BY t.obs_id ORDER BY t.probability DESC, t.tier, t.other_id) = 1
            )
            SELECT e.finding_id, to_json(list(struct_pack(
                source := e.source, record_key := e.record_key, role := e.role,
                other_source := s.other_source, other_record_key := s.other_record_key, other_role := s.other_role,
                tier := s.tier, rule := s.rule, levels := s.levels, weight := s.weight, probability := s.probability,
                sentence := CASE s.tier {tiers} END, sentence_zh := CASE s.tier {tiers_zh} END
            ) ORDER BY e.source, e.record_key, e.role)) AS links
            FROM all_evidence AS e
            INNER JOIN surest AS s ON s.obs_id = e.obs_id
            GROUP BY e.finding_id"""
    )
