"""What a night is pinned to: the parent vintage's tables, and what people decided, frozen at the start."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import fsspec
import pandas as pd

from pipelines.contracts.columns import Table
from pipelines.contracts.tables import INPUT_TABLES, KEPT_PER_SOURCE
from pipelines.errors import UsageError
from pipelines.night.execute import Artefact, contract_of
from pipelines.night.workspace import Workspace, code_version
from pipelines.settings import SourceConfig
from pipelines.step import RunPin, Step
from pipelines.storage.control import ControlDatabase
from pipelines.storage.frames import empty, table_hash, write_frame


@dataclass(frozen=True)
class Pinned:
    """A run's pin and every input that exists before its first step.

    ``cases_version`` is what people had done to cases when they were pinned; publishing checks it.
    """

    pin: RunPin
    before: Mapping[str, Artefact]
    cases_version: int


def pin_night(workspace: Workspace, control: ControlDatabase, night: date, steps: tuple[Step, ...]) -> Pinned:
    """Freeze what the night depends on besides its deliveries.

    Raises:
        UsageError: a later night has been published already.
    """
    current = control.current_vintage()
    if current is not None and current.night > night:
        raise UsageError(
            "RC-U10",
            f"night {night} lies before the current vintage {current.vintage_id}",
            todo=f"Give a date from {current.night} on, or replay all nights with 'rollcall rebuild'",
        )
    folder = workspace.work / f"{night:%Y%m%d}" / "inputs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    cases_version = control.cases_version()
    frames = {
        "inputs.deliveries": control.known_deliveries(),
        "inputs.overrides": control.overrides(),
        "inputs.decisions": control.decisions(),
        "inputs.cases": control.cases(),
    }
    with workspace.connect() as con:
        before = {name: _freeze(con, folder, INPUT_TABLES[name], frame) for name, frame in frames.items()}
        before |= _previous(con, workspace, workspace.vintage(current.vintage_id) if current else None, folder, steps)
    parent = current.vintage_id if current else None
    return Pinned(_pin(workspace, night, parent, before), before, cases_version)


def _freeze(con: duckdb.DuckDBPyConnection, folder: Path, table: Table, frame: pd.DataFrame) -> Artefact:
    building = folder / f".{table.name}.parquet"
    write_frame(frame, table, building, con)
    content = table_hash(building, con=con)
    path = folder / f"{table.name}-{content[:16]}.parquet"
    building.rename(path)
    return Artefact(path, content)


def _previous(
    con: duckdb.DuckDBPyConnection, workspace: Workspace, parent: Path | None, folder: Path, steps: tuple[Step, ...]
) -> dict[str, Artefact]:
    """Every ``previous.x`` that a step reads; empty tables where the parent has none."""
    record = json.loads((parent / "run.json").read_text())["tables"] if parent else {}
    found = {}
    for name in sorted({r.removeprefix("previous.") for step in steps for r in step.reads if r.startswith("previous.")}):
        for member in members(name, workspace.deployment.sources, in_vintage=True):
            if parent and member in record:
                found[f"previous.{member}"] = Artefact(parent / f"{member}.parquet", record[member]["content"])
            else:
                found[f"previous.{member}"] = _nothing(con, folder, member, workspace.deployment.sources)
    return found


def members(name: str, sources: Mapping[str, SourceConfig], *, in_vintage: bool = False) -> list[str]:
    """A family's members, or the table itself; a vintage keeps most families united."""
    table = contract_of(name, sources)
    split = table is not None and table.family and (not in_vintage or name in KEPT_PER_SOURCE)
    return [f"{name}_{s}" for s in sources] if split else [name]


def _nothing(con: duckdb.DuckDBPyConnection, folder: Path, member: str, sources: Mapping[str, SourceConfig]) -> Artefact:
    table = contract_of(member, sources)
    assert table is not None, member
    path = folder / f"nothing.{table.name}.parquet"
    if not path.exists():
        building = folder / f".nothing.{table.name}.parquet"
        empty(table, building, con)
        building.rename(path)
    return Artefact(path, f"empty:{table.name}")


def _pin(workspace: Workspace, night: date, parent: str | None, before: Mapping[str, Artefact]) -> RunPin:
    config, code = workspace.deployment.config_hash, code_version()
    parts = [night.isoformat(), parent or "", config, code, *(f"{n}={a.content}" for n, a in sorted(before.items()))]
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return RunPin(night=night, run_id=f"R{night:%Y%m%d}-{digest[:8]}", parent=parent, config_hash=config, code_version=code)


def inbox_fingerprint(inbox: str, source: str, night: date) -> str:
    """Which manifests lie in a source's inbox up to a night: name, size and time of each, so that a late one is seen."""
    files, root = fsspec.core.url_to_fs(f"{inbox}/{source}")
    if not files.exists(root):
        return ""
    seen = []
    for folder in sorted(files.ls(root, detail=False)):
        day = folder.rstrip("/").rsplit("/", 1)[-1]
        manifest = f"{folder}/manifest.json"
        if day <= f"{night:%Y%m%d}":
            info = files.info(manifest) if files.exists(manifest) else {}
            seen.append(f"{day}:{info.get('size')}:{info.get('mtime', info.get('LastModified'))}")
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()


def nights_between(first: date, last: date) -> list[date]:
    """Every date from ``first`` to ``last``."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
