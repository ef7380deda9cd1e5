"""From candidates to findings: grace, horizons, innocent explanations, severity. Alike for every rule.

Days are counted to T; for a rule about what is absent from a source, to that source's horizon, because what was recorded after it can't
be known. So an event is judged from the day on which its grace has run out within the horizon: ``horizon - event > grace``. An event
without a date is judged only where there is no grace.
"""

from collections.abc import Mapping, Sequence

import duckdb

from pipelines.contracts.codes import SEVERITIES
from pipelines.errors import ConfigError
from pipelines.reconcile.config import GraceLine, ReconcileConfig
from pipelines.reconcile.registers import insert_rows
from pipelines.reconcile.rule import Rule

OPTIONAL: Mapping[str, str] = {
    "since": "DATE",
    "measured_on": "DATE",
    "division": "VARCHAR",
    "people": "INTEGER",
    "yuan": "DECIMAL(14,2)",
}
"""Columns that a rule's ``sql`` may leave out; ``subject_key`` and ``event_date`` it must give."""


def create_grace(con: duckdb.DuckDBPyConnection, lines: Sequence[GraceLine]) -> None:
    """Make the table ``grace``."""
    con.execute(
        """CREATE OR REPLACE TABLE grace (
               code VARCHAR, division VARCHAR, area VARCHAR, valid_from DATE, valid_to DATE, legal_days INTEGER, operational_days INTEGER)"""
    )
    insert_rows(con, "grace", [(g.code, g.division, g.area, g.valid_from, g.valid_to, g.legal_days, g.operational_days) for g in lines])


def judge(con: duckdb.DuckDBPyConnection, rule: Rule, config: ReconcileConfig) -> Mapping[str, str]:
    """Run a rule's ``sql`` and make ``candidate``, ``judged`` (past grace and horizons), ``found`` and ``excused``.

    Returns:
        Columns of ``found`` and their types.

    Raises:
        ConfigError: RC-R07 the statement fails, lacks a column, or gives a subject twice or not at all.
    """
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE candidate AS {rule.sql}")
    except duckdb.Error as error:
        raise ConfigError("RC-R07", "sql does not run", where=f"rule {rule.code}", why=str(error).splitlines()[0]) from error
    kinds = {str(r[0]): str(r[1]) for r in con.execute("DESCRIBE candidate").fetchall()}
    _check(con, rule, kinds)
    extra = [f"CAST(NULL AS {kind}) AS {name}" for name, kind in OPTIONAL.items() if name not in kinds]
    con.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {_judged(rule, config, extra, kinds)}")
    clears = [e.name for e in rule.named("clears")]
    excused = " OR ".join(f"coalesce({name}, FALSE)" for name in clears) or "FALSE"
    con.execute(f"CREATE OR REPLACE TEMP TABLE found AS SELECT *, {_severity(rule)} AS severity FROM judged WHERE NOT ({excused})")
    con.execute(f"CREATE OR REPLACE TEMP TABLE excused AS SELECT * FROM judged WHERE {excused}")
    return {str(r[0]): str(r[1]) for r in con.execute("DESCRIBE found").fetchall()}


def _check(con: duckdb.DuckDBPyConnection, rule: Rule, kinds: Mapping[str, str]) -> None:
    where = f"rule {rule.code}"
    wanted = {"subject_key", "event_date", *rule.dates, *rule.certainty.when}
    wanted |= {e.name for e in rule.named("clears", "info")} | {m.when for m in rule.marks if m.when}
    missing = sorted(wanted - set(kinds))
    if missing:
        raise ConfigError("RC-R07", f"sql does not give {', '.join(missing)}", where=where, todo="Add the columns named")
    [(total, distinct)] = con.execute("SELECT count(*), count(DISTINCT subject_key) FROM candidate").fetchall()
    if total != distinct:
        raise ConfigError("RC-R07", f"{total} rows for {distinct} subjects", where=where, todo="Give one row per subject_key, none of them null")


def _judged(rule: Rule, config: ReconcileConfig, extra: Sequence[str], kinds: Mapping[str, str]) -> str:
    until = "h.horizon" if rule.absent_from else "run.night"
    measured = f"coalesce(c.measured_on, {until})" if "measured_on" in kinds else until
    columns = "c.* EXCLUDE (measured_on)" if "measured_on" in kinds else "c.*"
    added = "".join(f", {e}" for e in extra if not e.endswith(" AS measured_on"))
    seen, within = "", ""
    if rule.absent_from:
        listed = ", ".join(f"'{r}'" for r in rule.absent_from)
        seen = (
            f"CROSS JOIN (SELECT CASE WHEN count(*) = count(horizon) THEN min(horizon) END AS horizon FROM horizon WHERE register IN ({listed})) AS h"
        )
        within = "AND h.horizon IS NOT NULL"
    return f"""
        WITH fitting AS (
            SELECT
                c.subject_key, g.legal_days, g.operational_days,
                length(g.division) * 4 + CASE WHEN g.area IS NULL THEN 0 ELSE 2 END + CASE WHEN g.valid_from IS NULL THEN 0 ELSE 1 END AS fit
            FROM candidate AS c
            INNER JOIN grace AS g
                ON g.code = '{rule.code}'
                AND (g.division = '' OR starts_with({"c.division" if "division" in kinds else "''"}, g.division))
                AND (g.area IS NULL OR g.area = {_area(config, kinds)})
                AND (g.valid_from IS NULL OR c.event_date >= g.valid_from)
                AND (g.valid_to IS NULL OR c.event_date <= g.valid_to)
        ),
        g AS (
            SELECT subject_key, arg_max(operational_days, fit) AS grace_days, max_by(legal_days, fit) AS legal_days
            FROM fitting
            GROUP BY subject_key
        )
        SELECT {columns}{added}, g.grace_days, g.legal_days, {measured} AS measured_on,
            date_diff('day', c.event_date, {measured}) AS days,
            date_diff('day', c.event_date, {measured}) - g.grace_days AS days_overdue
        FROM candidate AS c
        CROSS JOIN run
        INNER JOIN g ON g.subject_key = c.subject_key
        {seen}
        WHERE ((c.event_date IS NULL AND g.grace_days = 0) OR date_diff('day', c.event_date, {measured}) > g.grace_days) {within}"""


def _area(config: ReconcileConfig, kinds: Mapping[str, str]) -> str:
    if not config.urban_divisions or "division" not in kinds:
        return "NULL"
    pattern = config.urban_divisions.replace("'", "''")
    return f"CASE WHEN c.division IS NULL THEN NULL WHEN regexp_matches(c.division, '{pattern}') THEN 'urban' ELSE 'rural' END"


def _severity(rule: Rule) -> str:
    """The gravest mark that holds; a mark that ``replaces``, or an explanation that informs only, comes first."""
    branches = [(f"coalesce({e.name}, FALSE)", "info") for e in rule.named("info")]
    branches += [(_holds(m.after, m.when), m.severity) for m in rule.marks if m.replaces]
    rising = [m for m in rule.marks if not m.replaces]
    branches += [(_holds(m.after, m.when), m.severity) for m in sorted(rising, key=lambda m: -SEVERITIES.index(m.severity))]
    if not branches:
        return f"'{rule.severity}'"
    cases = " ".join(f"WHEN {test} THEN '{severity}'" for test, severity in branches)
    return f"CASE {cases} ELSE '{rule.severity}' END"


def _holds(after: int | None, when: str | None) -> str:
    tests = ([f"coalesce(days, 0) > {after}"] if after is not None else []) + ([f"coalesce({when}, FALSE)"] if when else [])
    return " AND ".join(tests) or "TRUE"
