"""Which source rows a finding rests on, whose they are, and how good the links between them are."""

import duckdb

from pipelines.errors import ConfigError
from pipelines.reconcile.registers import columns_of
from pipelines.reconcile.rule import Rule

LOOK_ALIKE = 0.7
"""Probability that a record of the same name and birth date, whose person lacks just what this one has, is the one that linking missed."""
UNIDENTIFIED = 0.4
"""The same for a record that stands alone and has no valid number, no mother's number, and not both name and birth date."""
SENTENCES = {
    0: ("One record cites the other.", "一条记录引用另一条记录。"),
    1: ("The same valid identity number, and name or birth date agree.", "公民身份号码相同且有效，姓名或出生日期相符。"),
    2: ("The identity number agrees once one writing error is mended.", "更正一处书写错误后公民身份号码相同。"),
    3: ("Name, birth date, sex and place together make one person probable.", "姓名、出生日期、性别、地址综合判断为同一人。"),
    4: ("The same mother, day of birth and sex.", "母亲、出生日期、性别相同。"),
}
"""What each tier of a link says, in one sentence (English, Chinese)."""


def create_evidence(con: duckdb.DuckDBPyConnection, rule: Rule, table: str = "found") -> None:
    """Make ``evidence`` (one row per subject, source row and claim) and ``support`` (one row per subject) for the rows of ``table``.

    A claim is what a row shows (default: each row its own). ``support.link_quality`` takes the surest row of each claim and multiplies, person
    by person, all claims but the surest: the anchor, to which the others are linked. Where the finding is an absence it is multiplied by
    one less the probability of the likeliest link that we did not make: a refused pair, a record of the same name and birth date
    (``LOOK_ALIKE``) whose person has nothing in this register, or a row that says too little to be linked (``UNIDENTIFIED``). Where
    records are said to be two people's, by one less the smallest probability of a refused pair between them: all would have to be
    one person's.

    Raises:
        ConfigError: RC-R07 the rule's ``evidence`` fails or names other columns.
    """
    statement = rule.evidence if table == "found" else f"WITH found AS (SELECT * FROM {table}) {_as_query(rule.evidence)}"
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE cited AS SELECT * FROM ({statement})")
        claim = "c.claim" if "claim" in columns_of(con, "cited") else "concat_ws('|', c.source, c.record_key)"
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE evidence AS
                SELECT DISTINCT c.subject_key, c.source, c.record_key, c.role, {claim} AS claim, p.register, p.person_id, p.tier,
                    coalesce(p.probability, 1) AS probability, obs_id(c.source, c.record_key, c.role) AS obs_id
                FROM cited AS c
                LEFT JOIN person_record AS p ON p.source = c.source AND p.record_key = c.record_key AND p.role = c.role"""
        )
    except duckdb.Error as error:
        raise ConfigError("RC-R07", "evidence does not run", where=f"rule {rule.code}", why=str(error).splitlines()[0]) from error
    con.execute(f"CREATE OR REPLACE TEMP TABLE support AS {_support(rule)}")


def _as_query(statement: str) -> str:
    """A statement that begins with its own WITH goes on with the list that ``found`` opened."""
    stripped = statement.lstrip()
    return ", " + stripped[4:].lstrip() if stripped[:4].upper() == "WITH" else stripped


def _support(rule: Rule) -> str:
    quality = "1" if rule.two_people else "list_product(list_sort(list(quality)))"
    return f"""
        WITH by_claim AS (
            SELECT subject_key, person_id, claim, max(greatest(probability, 1e-6)) AS surest
            FROM evidence
            GROUP BY subject_key, person_id, claim
        ),
        by_person AS (
            SELECT subject_key, person_id, list_product(list_sort(list(surest))) / max(surest) AS quality
            FROM by_claim
            GROUP BY subject_key, person_id
        ),
        quality AS (
            SELECT subject_key, {quality} AS quality, list_sort(list(person_id) FILTER (WHERE person_id IS NOT NULL)) AS person_ids
            FROM by_person
            GROUP BY subject_key
        ),
        row_list AS (
            SELECT subject_key, list_sort(list(DISTINCT struct_pack(source := source, record_key := record_key, role := role))) AS records
            FROM evidence
            GROUP BY subject_key
        ),
        undone AS ({_undone(rule)})
        SELECT
            q.subject_key, coalesce(q.person_ids, CAST([] AS VARCHAR[])) AS person_ids, r.records,
            q.quality * (1 - coalesce(u.probability, 0)) AS link_quality
        FROM quality AS q
        INNER JOIN row_list AS r ON r.subject_key = q.subject_key
        LEFT JOIN undone AS u ON u.subject_key = q.subject_key"""


def _undone(rule: Rule) -> str:
    """Probability that the links we did *not* make would undo the finding."""
    if rule.two_people:
        return """
            SELECT e.subject_key, min(coalesce(r.probability, 0)) AS probability
            FROM evidence AS e
            INNER JOIN evidence AS o ON o.subject_key = e.subject_key AND o.person_id > e.person_id
            LEFT JOIN refused_pair AS r ON r.obs_id = e.obs_id AND r.other_id = o.obs_id
            GROUP BY e.subject_key"""
    if not rule.absent_from:
        return "SELECT NULL AS subject_key, NULL AS probability WHERE FALSE"
    listed = ", ".join(f"'{register}'" for register in rule.absent_from)
    return f"""
        WITH missed AS (
            SELECT e.subject_key, r.probability
            FROM evidence AS e
            INNER JOIN refused_pair AS r ON r.obs_id = e.obs_id
            WHERE r.other_register IN ({listed})
            UNION ALL
            SELECT e.subject_key, {LOOK_ALIKE}
            FROM evidence AS e
            INNER JOIN look_alike AS b ON b.obs_id = e.obs_id AND b.other_register IN ({listed})
            LEFT JOIN person_record AS p ON p.person_id = b.other_person_id AND p.register = e.register
            WHERE p.person_id IS NULL
            UNION ALL
            SELECT e.subject_key, {UNIDENTIFIED}
            FROM evidence AS e
            INNER JOIN observation AS a ON a.obs_id = e.obs_id
            GROUP BY e.subject_key
            HAVING bool_and(
                e.tier IS NULL AND a.id_number IS NULL AND a.mother_id IS NULL
                AND NOT (a.name_kind = 'full' AND coalesce(a.birth_precision, '') = 'day')
            )
        )
        SELECT subject_key, max(probability) AS probability FROM missed GROUP BY subject_key"""


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
