"""What an edition of the reports is made from: one night's tables, and those of the night it is compared with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from pipelines.contracts.columns import Table
from pipelines.contracts.tables import TABLES
from pipelines.settings import Deployment
from pipelines.step import StepContext
from pipelines.storage.frames import connect, scan

COMPARED = ("findings", "cases", "trend")
"""Tables of the earlier night that a report looks at."""

VIEWS = ("intervals", "casebook", "stops")
"""Views and macros that several figures share."""


@dataclass(frozen=True)
class Edition:
    """One night's tables by name (members of a family as ``rec_police``), and the earlier night's."""

    night: date
    run_id: str
    parent: str | None
    config_hash: str
    code_version: str
    deployment: Deployment
    tables: Mapping[str, Path]
    earlier: Mapping[str, Path] = field(default_factory=dict)
    connect: Callable[[], duckdb.DuckDBPyConnection] = connect

    def open(self) -> duckdb.DuckDBPyConnection:
        """A connection with one view per table, ``earlier_<table>`` for the earlier night's, and the views ``casebook`` and ``stopped``.

        A table that is not there is empty. ``getvariable('night')`` is T; ``getvariable('since')`` the night compared with, or null.
        """
        con = self.connect()
        for table in TABLES.values():
            members = [f"{table.name}_{s}" for s in self.deployment.sources] if table.family else []
            for name in (table.name, *members):
                _view(con, name, self.tables.get(name), table)
        for name in COMPARED:
            _view(con, f"earlier_{name}", self.earlier.get(name), TABLES[name])
        con.execute("SET VARIABLE night = CAST(? AS DATE)", [self.night])
        con.execute("SET VARIABLE since = (SELECT max(night) FROM earlier_trend)")
        kinds = [(name, source.covers, source.evaluation_only) for name, source in self.deployment.sources.items()]
        con.execute(
            "CREATE TABLE source_kinds AS SELECT unnest(?) AS source, unnest(?) AS covers, unnest(?) AS evaluation_only",
            [list(column) for column in zip(*kinds, strict=True)],
        )
        for name in VIEWS:
            con.execute((Path(__file__).parent / "figures" / f"{name}.sql").read_text(encoding="utf-8"))
        return con


def from_context(ctx: StepContext, written: Mapping[str, Path]) -> Edition:
    """The edition of the night that runs: its inputs, and over them what publish has ``written``."""
    now = {name: path for name, path in ctx.inputs.items() if "." not in name}
    return Edition(
        night=ctx.run.night,
        run_id=ctx.run.run_id,
        parent=ctx.run.parent,
        config_hash=ctx.run.config_hash,
        code_version=ctx.run.code_version,
        deployment=ctx.deployment,
        tables={**now, **written},
        earlier={name: ctx.inputs[f"previous.{name}"] for name in COMPARED if f"previous.{name}" in ctx.inputs},
        connect=ctx.connect,
    )


def from_vintage(folder: Path, deployment: Deployment, earlier: Path | None = None) -> Edition:
    """The edition of a published vintage, compared with an ``earlier`` one: a report over a period.

    Without ``earlier`` everything is new.
    """
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return Edition(
        night=date.fromisoformat(run["night"]),
        run_id=run["run_id"],
        parent=run["parent"],
        config_hash=run["config_hash"],
        code_version=run["code_version"],
        deployment=deployment,
        tables=_parquet(folder),
        earlier={n: p for n, p in _parquet(earlier).items() if n in COMPARED} if earlier else {},
    )


def _parquet(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.parquet"))}


def _view(con: duckdb.DuckDBPyConnection, name: str, path: Path | None, table: Table) -> None:
    if path is None:
        con.execute(f'CREATE TABLE "{name}" ({table.ddl()})')
    else:
        con.execute(f'CREATE VIEW "{name}" AS SELECT * FROM {scan(path)}')
