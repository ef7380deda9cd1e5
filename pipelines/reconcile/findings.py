"""Run the rules and gather what they find: one row per finding, its details, and what an innocent explanation cleared."""

import hashlib
import json
from collections.abc import Mapping
from typing import Literal

import duckdb
import pandas as pd

from pipelines.contracts.tables import CLEARED, FINDING_DETAILS, FINDINGS
from pipelines.reconcile.config import ReconcileConfig, RuleBook
from pipelines.reconcile.evidence import create_evidence, create_link_notes
from pipelines.reconcile.judge import create_grace, judge
from pipelines.reconcile.rule import Rule
from pipelines.reconcile.sentences import Glossary, sentence_sql

LASTING_ID = """
CREATE OR REPLACE MACRO lasting_id(prefix, body) AS (
    prefix || array_to_string(list_transform(range(12), lambda i: '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[
        CAST(((CAST(('0x' || substr(sha256(body), 1, 15)) AS BIGINT) >> (55 - 5 * i)) & 31) AS INTEGER) + 1
    ]), '')
)
"""
"""60 bits of sha256 as 12 characters of Crockford's base 32."""
ALL_EVIDENCE = "finding_id VARCHAR, obs_id BIGINT, source VARCHAR, record_key VARCHAR, role VARCHAR, person_id VARCHAR, tier INTEGER"
COMMON_WORDS = {"days_overdue": "BIGINT", "days": "BIGINT", "grace_days": "INTEGER", "people": "INTEGER", "yuan": "DECIMAL(14,2)", "n_rows": "BIGINT"}


def find_all(con: duckdb.DuckDBPyConnection, book: RuleBook, key: str) -> None:
    """Run every rule and fill the tables ``finding`` (columns of FINDINGS and FINDING_DETAILS) and ``cleared``.

    Args:
        con: connection that holds the views.
        book: rules, grace, settings.
        key: key of the hashes that stand for identity numbers in subject keys.
    """
    con.execute(LASTING_ID)
    details = ", ".join(f'"{c.name}" {c.type}' for c in FINDING_DETAILS if c.name not in FINDINGS.names)
    con.execute(f"CREATE OR REPLACE TABLE finding ({FINDINGS.ddl()}, {details})")
    con.execute(f"CREATE OR REPLACE TABLE cleared ({CLEARED.ddl()})")
    con.execute(f"CREATE OR REPLACE TABLE all_evidence ({ALL_EVIDENCE})")
    create_grace(con, book.grace)
    for rule in book.rules:
        find(con, rule, book.config, key)
    create_link_notes(con)
    con.execute("UPDATE finding SET links = n.links FROM link_note AS n WHERE n.finding_id = finding.finding_id")


def find(con: duckdb.DuckDBPyConnection, rule: Rule, config: ReconcileConfig, key: str) -> None:
    """Run one rule and add to ``finding``, ``cleared`` and ``all_evidence``."""
    kinds = judge(con, rule, config)
    _name_subjects(con, rule, key)
    create_evidence(con, rule, "excused")
    for explanation in rule.named("clears"):
        con.execute(
            f"""INSERT INTO cleared BY NAME
                SELECT n.finding_id, '{rule.code}' AS code, '{explanation.name}' AS explanation, s.person_ids, s.records,
                    coalesce(x.since, x.event_date) AS since
                FROM excused AS x
                INNER JOIN support AS s ON s.subject_key = x.subject_key
                INNER JOIN subject_name AS n ON n.subject_key = x.subject_key
                WHERE x.{explanation.name}"""
        )
    create_evidence(con, rule)
    con.execute(
        """INSERT INTO all_evidence
           SELECT n.finding_id, e.obs_id, e.source, e.record_key, e.role, e.person_id, e.tier
           FROM evidence AS e INNER JOIN subject_name AS n ON n.subject_key = e.subject_key"""
    )
    con.execute(f"INSERT INTO finding BY NAME {_finding(rule, config, kinds)}")


def _name_subjects(con: duckdb.DuckDBPyConnection, rule: Rule, key: str) -> None:
    """Make ``subject_name``: the published key and the finding's id of each subject. A number never leaves as itself."""
    con.execute("CREATE OR REPLACE TEMP TABLE subject_name AS SELECT subject_key, subject_key AS public_key FROM judged")
    if rule.subject == "number":
        keys = [str(k) for (k,) in con.execute("SELECT subject_key FROM judged").fetchall()]
        frame = pd.DataFrame({"subject_key": keys, "public_key": [keyed_hash(k, key) for k in keys]}, dtype="object")
        con.register("hashed", frame)
        con.execute(
            """CREATE OR REPLACE TEMP TABLE subject_name AS
               SELECT CAST(subject_key AS VARCHAR) AS subject_key, CAST(public_key AS VARCHAR) AS public_key FROM hashed"""
        )
        con.unregister("hashed")
    con.execute("ALTER TABLE subject_name ADD COLUMN finding_id VARCHAR")
    con.execute(f"UPDATE subject_name SET finding_id = lasting_id('F', '{rule.code}|' || public_key)")


def keyed_hash(text: str, key: str) -> str:
    """24 hex digits of blake2b with a key (``config.number_key``)."""
    return hashlib.blake2b(text.encode(), key=key.encode()[:64], digest_size=12).hexdigest()


def _finding(rule: Rule, config: ReconcileConfig, kinds: Mapping[str, str]) -> str:
    words = {**kinds, **COMMON_WORDS}
    watch = f"WHEN f.days <= {rule.watch_through} THEN 'watch'" if rule.watch_through is not None else ""
    dates = ", ".join(f"'{name}', f.{name}" for name in rule.dates)
    return f"""
        WITH told AS (
            SELECT f.* EXCLUDE (people, yuan), s.person_ids, s.records, s.link_quality, f.yuan,
                coalesce(f.people, len(s.person_ids)) AS people, len(s.records) AS n_rows, {_certainty(rule)} AS rule_evidence
            FROM found AS f
            INNER JOIN support AS s ON s.subject_key = f.subject_key
        )
        SELECT
            n.finding_id, '{rule.code}' AS code,
            CASE WHEN f.link_quality < {config.review_below} THEN 'review' {watch} ELSE 'open' END AS status,
            f.severity, f.person_ids, f.records, coalesce(f.since, f.event_date) AS since,
            CAST(f.days_overdue AS INTEGER) AS days_overdue, f.rule_evidence * f.link_quality AS confidence, CAST(NULL AS VARCHAR) AS case_id,
            '{rule.version}' AS rule_version, '{rule.subject}' AS subject, n.public_key AS subject_key,
            coalesce(f.division, p.division) AS division, {_owner(rule, kinds)} AS owner, run.night AS as_of, f.grace_days, f.legal_days,
            f.rule_evidence, f.link_quality, f.people, f.yuan, {_escalation(rule)} AS escalation,
            json_object({dates}) AS dates, {_tested(rule)} AS tested,
            {_reason(rule, words, "en")} AS reason, {_reason(rule, words, "zh")} AS reason_zh
        FROM told AS f
        CROSS JOIN run
        INNER JOIN subject_name AS n ON n.subject_key = f.subject_key
        LEFT JOIN person AS p ON p.person_id = f.person_ids[1]
        LEFT JOIN (SELECT min(source) AS source FROM known_source WHERE register = '{rule.owner}') AS k ON TRUE"""


def _reason(rule: Rule, kinds: Mapping[str, str], language: Literal["en", "zh"]) -> str:
    """The reason of each finding, in one language."""
    said = {word: getattr(text, language) for word, text in rule.words.items()}
    return sentence_sql(getattr(rule.reason, language), kinds, f"rule {rule.code}", Glossary(said, "、" if language == "zh" else ", "))


def _owner(rule: Rule, kinds: Mapping[str, str]) -> str:
    """The source that has to act: of a finding about one row, the one that holds it; else the rule's owner."""
    return "coalesce(f.source, k.source)" if rule.subject == "row" and "source" in kinds else "k.source"


def _certainty(rule: Rule) -> str:
    smaller = [f"CASE WHEN coalesce(f.{name}, FALSE) THEN {value} ELSE {rule.certainty.base} END" for name, value in rule.certainty.when.items()]
    return f"CAST(least({', '.join([str(rule.certainty.base), *smaller])}) AS DOUBLE)"


def _escalation(rule: Rule) -> str:
    passed = [f"CASE WHEN f.days > {days} THEN 1 ELSE 0 END" for days in rule.escalate_after]
    return f"CAST({' + '.join(passed) or '0'} AS INTEGER)"


def _tested(rule: Rule) -> str:
    """JSON list of the explanations: name, texts, outcome (``no``, ``yes``, ``unknown``, ``waited`` or ``left to the reviewer``)."""
    items = []
    for e in rule.explanations:
        if e.effect in ("clears", "info"):
            outcome = f"CASE WHEN f.{e.name} THEN 'yes' WHEN f.{e.name} IS NULL THEN 'unknown' ELSE 'no' END"
        else:
            outcome = "'waited'" if e.effect == "waits" else "'left to the reviewer'"
        name, en, zh = (json.dumps(t, ensure_ascii=False)[1:-1].replace("'", "''") for t in (e.name, e.text.en, e.text.zh))
        items.append(f"json_object('name', '{name}', 'en', '{en}', 'zh', '{zh}', 'outcome', {outcome})")
    return f"CAST(to_json([{', '.join(items)}]) AS JSON)" if items else "CAST('[]' AS JSON)"
