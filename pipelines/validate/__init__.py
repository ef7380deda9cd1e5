"""Validate: the source's suite over the rows, and the gates over each delivery.

Reads ``deliveries raw rejects previous.rec inputs.overrides``; writes ``good quarantine gates`` of one source. A row that breaks a critical rule is
kept out; a warning or an info is only listed. Columns that are not on the allow-list end here. No value of a cell is kept.
"""

from collections.abc import Sequence

import duckdb

from pipelines.contracts.tables import QUARANTINE
from pipelines.errors import RollcallError
from pipelines.settings import SourceConfig
from pipelines.step import StepContext
from pipelines.storage.frames import keep_file, row_count, scan, write_query, write_table
from pipelines.storage.keys import key_sql
from pipelines.validate import by_gx, gates
from pipelines.validate.compile import bits_of, flag_rows, rule_table
from pipelines.validate.suite import SuiteRule, read_suite, suite_path
from pipelines.validate.tables import Broken, check_table

__all__ = ["Broken", "check_table", "run"]


def run(ctx: StepContext) -> None:
    """Validate one source's rows and deliveries."""
    if ctx.source is None:
        raise RollcallError("RC-F09", "validate runs once per source")
    con = ctx.connect()
    rules = _flag(con, ctx) if row_count(ctx.read("raw")) else _flag_nothing(con, ctx)
    critical = bits_of(rules, "critical")
    _write_quarantine(con, rules, ctx)
    _write_good(con, ctx, critical)
    gates.write(con, ctx, critical)
    con.close()


def _flag(con: duckdb.DuckDBPyConnection, ctx: StepContext) -> tuple[SuiteRule, ...]:
    """Make ``flagged``: tonight's rows that break a rule of the suite."""
    assert ctx.source is not None
    path, raw = suite_path(ctx.deployment, ctx.source.suite), scan(ctx.read("raw"))
    rules = read_suite(path)
    carry = f"delivery_id, file, row_number, {record_key_sql(rules, ctx.source, raw)} AS record_key"
    if ctx.deployment.config.validation == "great_expectations":
        by_gx.flag_rows(con, rules, path, raw, carry, "flagged")
    else:
        flag_rows(con, rules, raw, carry, "flagged")
    return rules


def _flag_nothing(con: duckdb.DuckDBPyConnection, ctx: StepContext) -> tuple[SuiteRule, ...]:
    """Without rows there is nothing to hold against the suite, which takes longer to read than an empty source's whole night."""
    flag_rows(con, (), scan(ctx.read("raw")), "delivery_id, file, row_number, NULL::VARCHAR AS record_key", "flagged")
    return ()


def record_key_sql(rules: Sequence[SuiteRule], source: SourceConfig, batch: str) -> str:
    """The record key of a row, null when a rule on a key column says that it is not one: what stands there may be anything."""
    shape = ("expect_column_values_to_not_be_null", "expect_column_values_to_match_regex")
    tests = [r.condition(batch) for r in rules if r.severity == "critical" and r.column in source.key and r.type in shape]
    shaped = " AND ".join(f"({t})" for t in tests) or "true"
    return f"CASE WHEN {shaped} THEN {key_sql(source.key)} END"


def _write_quarantine(con: duckdb.DuckDBPyConnection, rules: Sequence[SuiteRule], ctx: StepContext) -> None:
    """The parser's rejects and every broken rule, one line each."""
    assert ctx.source is not None
    rule_table(con, rules, "rules")
    con.execute("SET VARIABLE source = ?", [ctx.source.source])
    con.execute("SET VARIABLE owner = ?", [ctx.source.owner.zh])
    lines = f"""
        SELECT * FROM {scan(ctx.read("rejects"))}
        UNION ALL BY NAME
        SELECT getvariable('source') AS source, delivery_id, file, row_number, record_key, rule, "column", severity, getvariable('owner') AS owner
        FROM flagged JOIN rules ON (mask >> bit) & 1 = 1
    """
    write_table(con, lines, QUARANTINE, ctx.write("quarantine"))


def _write_good(con: duckdb.DuckDBPyConnection, ctx: StepContext, critical: int) -> None:
    """Rows without a critical break, in the order of ``raw``; when that is all of it, the same file under another name."""
    assert ctx.source is not None
    raw, target = ctx.read("raw"), ctx.write("good")
    [(bad,)] = con.execute("SELECT count(*) FROM flagged WHERE mask & ? <> 0", [critical]).fetchall() if critical else [(0,)]
    if not bad and not ctx.source.drop:
        keep_file(raw, target)
        return
    dropped = " EXCLUDE (" + ", ".join(f'"{h}"' for h in ctx.source.drop) + ")" if ctx.source.drop else ""
    row = "delivery_id, file, row_number"
    kept = f"ANTI JOIN (SELECT {row} FROM flagged WHERE mask & {critical} <> 0) USING ({row})" if bad else ""
    write_query(con, f"SELECT *{dropped} FROM {scan(raw)} {kept}", target, row.split(", ") if bad else ())
