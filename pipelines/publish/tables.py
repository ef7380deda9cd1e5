"""The tables that publish completes: unions of the sources' files, and those that grow from night to night."""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from pipelines.contracts.columns import Table
from pipelines.contracts.tables import DELIVERIES, FINDINGS, GATES, LEDGER, OBSERVATIONS, QUARANTINE, TREND
from pipelines.publish.summary import Summary, trend_rows
from pipelines.step import StepContext
from pipelines.storage.frames import scan, write_table

CASE_OF_FINDING = """
SELECT f.* REPLACE (c.case_id AS case_id)
FROM {findings} AS f
LEFT JOIN (
    SELECT finding_id, min_by(case_id, (state IN ('auto_cleared', 'closed'), -epoch(opened_on), case_id)) AS case_id
    FROM {cases} WHERE state <> 'merged' GROUP BY finding_id
) AS c USING (finding_id)
"""
"""A finding's case: the open one, else the latest."""


def write_tables(ctx: StepContext, con: duckdb.DuckDBPyConnection) -> dict[str, Path]:
    """Write the vintage's own tables.

    ``observations`` is the union of the sources' observations; ``deliveries`` and ``gates`` tell of tonight; ``quarantine`` and
    ``ledger`` are the previous vintage's rows followed by tonight's; ``findings`` gets its ``case_id``.

    Returns:
        The file of each table written, by name.
    """
    written = {
        "observations": _union(ctx, con, "obs", OBSERVATIONS),
        "deliveries": _union(ctx, con, "deliveries", DELIVERIES),
        "gates": _union(ctx, con, "gates", GATES),
        "quarantine": _union(ctx, con, "quarantine", QUARANTINE, kept_by=("source", "delivery_id")),
        "ledger": _union(ctx, con, "ledger", LEDGER, kept_by=("delivery_id", "night")),
    }
    findings = ctx.write("findings")
    write_table(con, CASE_OF_FINDING.format(findings=scan(ctx.read("findings")), cases=scan(ctx.read("cases"))), FINDINGS, findings)
    return {**written, "findings": findings}


def write_trend(ctx: StepContext, summary: Summary) -> Path:
    """Write ``trend``: the earlier nights' figures and tonight's."""
    path, con, listed = ctx.write("trend"), ctx.connect(), ", ".join(TREND.names)
    con.register("tonight", trend_rows(summary))
    before = f"SELECT {listed} FROM {scan(ctx.read('previous.trend'))} WHERE night NOT IN (SELECT night FROM tonight)"
    write_table(con, f"{before} UNION ALL SELECT {listed} FROM tonight", TREND, path)
    con.close()
    return path


def _union(ctx: StepContext, con: duckdb.DuckDBPyConnection, family: str, table: Table, kept_by: tuple[str, ...] = ()) -> Path:
    """Every source's file as one table; with ``kept_by``, after the previous vintage's rows that tonight does not replace."""
    listed = ", ".join(f'"{name}"' for name in table.names)
    parts = [f"SELECT {listed} FROM {scan(path)}" for path in ctx.family(family).values()]
    parts = parts or [f"SELECT {listed} FROM {_nothing(table)}"]
    sql = " UNION ALL ".join(parts)
    previous = _previous(ctx.inputs, table)
    if kept_by and previous is not None:
        key = ", ".join(kept_by)
        sql = f"WITH tonight AS ({sql}) SELECT {listed} FROM {scan(previous)} ANTI JOIN tonight USING ({key}) UNION ALL SELECT * FROM tonight"
    path = ctx.write(table.name)
    write_table(con, sql, table, path)
    return path


def _previous(inputs: Mapping[str, Path], table: Table) -> Path | None:
    return inputs.get(f"previous.{table.name}")


def _nothing(table: Table) -> str:
    return "(SELECT " + ", ".join(f'CAST(NULL AS {c.type}) AS "{c.name}"' for c in table) + " WHERE false)"
