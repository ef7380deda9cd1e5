"""Suites of published tables: how many rows of a Parquet table break which rule."""

from dataclasses import dataclass
from pathlib import Path

from expectations import FOLDER
from pipelines.storage.frames import connect, scan
from pipelines.validate.suite import read_suite


@dataclass(frozen=True)
class Broken:
    """A rule that rows of a table break."""

    rule: str
    column: str
    severity: str
    rows: int


def check_table(path: Path, suite: str) -> tuple[Broken, ...]:
    """Run ``expectations/<suite>`` over a Parquet table. Empty = nothing is broken. Counts only; no value is read out.

    Raises:
        ConfigError: the suite is missing or not understood.
    """
    rules = read_suite(FOLDER / suite)
    counts = ", ".join(f"count(*) FILTER (WHERE NOT coalesce({rule.condition(scan(path))}, true))" for rule in rules)
    con = connect()
    [row] = con.execute(f"SELECT {counts} FROM {scan(path)}").fetchall()
    con.close()
    return tuple(Broken(r.rule, r.column, r.severity, n) for r, n in zip(rules, row, strict=True) if n)
