"""Carry out one call of one step: all or nothing, and only when it wasn't done before.

A step's outputs lie in ``work/<night>/<step>[-source]-<key>/``; the key hashes code, configuration, night and the content of
every input. So a rerun after a kill finds the finished steps, and a step whose inputs are as before isn't run again.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.columns import Table
from pipelines.contracts.tables import TABLES
from pipelines.errors import RollcallError
from pipelines.night.failpoints import failpoint
from pipelines.night.memory import peak_mb, reset_peak
from pipelines.night.workspace import Workspace
from pipelines.settings import SourceConfig
from pipelines.step import Progress, RunPin, Step, StepContext, silent
from pipelines.storage.frames import column_names, row_count, scan, table_hash


@dataclass(frozen=True)
class Artefact:
    """A Parquet table with the hash of its content."""

    path: Path
    content: str


@dataclass(frozen=True)
class Outcome:
    """What a call of a step left behind."""

    step: str
    source: str | None
    folder: Path
    tables: Mapping[str, Artefact]
    seconds: float
    peak_mb: int
    reused: bool


def execute(
    workspace: Workspace,
    pin: RunPin,
    step: Step,
    inputs: Mapping[str, Artefact],
    *,
    source: SourceConfig | None = None,
    extra: str = "",
    landing: str | None = None,
    progress: Progress = silent,
) -> Outcome:
    """Run ``step`` unless its outputs for these inputs exist.

    Raises:
        RollcallError: the step failed, or an output is missing or differs from its contract.
    """
    name = f"{step.name}-{source.source}" if source else step.name
    key = _key(pin, name, inputs, extra)
    final = workspace.work / f"{pin.night:%Y%m%d}" / f"{name}-{key}"
    if (final / "_done.json").is_file():
        return _recorded(step, source, final, reused=True)
    building = final.with_name(f".{final.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True, mode=0o700)
    failpoint(f"{name}.start")
    reset_peak()
    started = time.perf_counter()
    step.run(
        StepContext(
            run=pin,
            deployment=workspace.deployment,
            inputs={table: artefact.path for table, artefact in inputs.items()},
            outputs=building,
            declared=frozenset(step.writes),
            connect=workspace.connect,
            source=source,
            inbox=workspace.inbox,
            landing=landing or workspace.landing,
            progress=progress,
        )
    )
    failpoint(f"{name}.written")
    with workspace.connect() as con:
        known = {(s.st_dev, s.st_ino): a.content for a in inputs.values() for s in [a.path.stat()]}
        contents = {p.stem: _known(known, p) or _check(con, workspace.deployment.sources, step, p) for p in sorted(building.glob("*.parquet"))}
    _all_written(step, source, contents)
    done: dict[str, Any] = {"step": step.name, "source": source.source if source else None, "contents": contents}
    done |= {"seconds": time.perf_counter() - started, "peak_mb": peak_mb()}
    (building / "_done.json").write_text(json.dumps(done, indent=1))
    building.rename(final)
    failpoint(f"{name}.done")
    return _recorded(step, source, final, reused=False)


def _key(pin: RunPin, name: str, inputs: Mapping[str, Artefact], extra: str) -> str:
    parts = [name, pin.code_version, pin.config_hash, pin.night.isoformat(), extra, *(f"{t}={a.content}" for t, a in sorted(inputs.items()))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _recorded(step: Step, source: SourceConfig | None, folder: Path, *, reused: bool) -> Outcome:
    done = json.loads((folder / "_done.json").read_text())
    tables = {name: Artefact(folder / f"{name}.parquet", content) for name, content in done["contents"].items()}
    return Outcome(step.name, source.source if source else None, folder, tables, done["seconds"], done["peak_mb"], reused)


def contract_of(member: str, sources: Mapping[str, SourceConfig]) -> Table | None:
    """The contract of a table or of a family's member: ``rec_police`` -> REC."""
    if member in TABLES:
        return TABLES[member]
    family = next((member.removesuffix(f"_{s}") for s in sources if member.endswith(f"_{s}")), "")
    return TABLES.get(family)


def _known(known: Mapping[tuple[int, int], str], path: Path) -> str | None:
    """The content of an output that is an input's own file: checked and hashed when it was written."""
    status = path.stat()
    return known.get((status.st_dev, status.st_ino))


def _check(con: duckdb.DuckDBPyConnection, sources: Mapping[str, SourceConfig], step: Step, path: Path) -> str:
    """The content hash of an output that has its contract's columns and a unique key."""
    table = contract_of(path.stem, sources)
    if table is None:
        raise RollcallError("RC-F03", f"wrote '{path.stem}', which no contract describes", where=step.name)
    columns = set(column_names(path))
    missing = [c for c in table.names if c not in columns]
    if missing:
        raise RollcallError("RC-F04", f"'{path.stem}' lacks columns {', '.join(missing)}", where=step.name)
    if table.key and row_count(path):
        keys = ", ".join(f'"{c}"' for c in table.key)
        [(doubled,)] = con.execute(f"SELECT count(*) FROM (SELECT 1 FROM {scan(path)} GROUP BY {keys} HAVING count(*) > 1)").fetchall()
        if doubled:
            raise RollcallError("RC-F05", f"'{path.stem}' holds {doubled} keys more than once ({keys})", where=step.name)
    return table_hash(path, con=con)


def _all_written(step: Step, source: SourceConfig | None, contents: Mapping[str, str]) -> None:
    suffix = f"_{source.source}" if source else ""
    missing = [table for table in step.writes if f"{table}{suffix}" not in contents]
    if missing:
        raise RollcallError("RC-F06", f"declared but did not write {', '.join(missing)}", where=step.name)
