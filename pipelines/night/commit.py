"""Make a vintage of a night's outputs: one folder renamed into place, then one transaction that moves the current-vintage row."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.contracts.tables import KEPT_PER_SOURCE
from pipelines.night.execute import Artefact, Outcome, contract_of
from pipelines.night.failpoints import failpoint
from pipelines.night.identity import index_changes, left_out
from pipelines.night.inputs import Pinned
from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase
from pipelines.storage.frames import row_count, scan


@dataclass(frozen=True)
class Vintage:
    """A published night."""

    vintage_id: str
    path: Path
    content: str
    summary: Mapping[str, Any]


def tables_of_vintage(workspace: Workspace, outcomes: list[Outcome]) -> dict[str, Artefact]:
    """The tables that go into the vintage; a later step's table of the same name wins (``findings`` with its cases)."""
    chosen: dict[str, Artefact] = {}
    for outcome in outcomes:
        for member, artefact in outcome.tables.items():
            table = contract_of(member, workspace.deployment.sources)
            if table is None or (table.family and member != table.name and table.name not in KEPT_PER_SOURCE):
                continue
            chosen[member] = artefact
    return dict(sorted(chosen.items()))


def commit(workspace: Workspace, control: ControlDatabase, pinned: Pinned, outcomes: list[Outcome], verdict: Mapping[str, Any], now: str) -> Vintage:
    """Publish. Doing it twice has the effect of doing it once.

    Raises:
        TemporaryError: people acted on cases since the night was pinned; run it again.
    """
    tables = tables_of_vintage(workspace, outcomes)
    content = hashlib.sha256("\n".join(f"{n}={a.content}" for n, a in tables.items()).encode()).hexdigest()
    vintage_id = f"V{pinned.pin.night:%Y%m%d}-{content[:8]}"
    path = workspace.vintage(vintage_id)
    publish = outcomes[-1].folder
    summary = json.loads((publish / "summary.json").read_text())
    if not path.is_dir():
        record = {"vintage": vintage_id, "content": content, "verdict": verdict, "summary": summary}
        _assemble(workspace, outcomes, tables, record | _run_record(workspace, control, pinned, outcomes, tables))
    failpoint("publish.renamed")
    control.publish(
        vintage_id=vintage_id,
        night=pinned.pin.night,
        parent=pinned.pin.parent,
        path=vintage_id,
        content_hash=content,
        run_id=pinned.pin.run_id,
        **{name: _frame(workspace, tables[name]) for name in ("deliveries", "ledger", "gates", "cases", "case_events")},
        cases_version=pinned.cases_version,
        at=now,
    )
    failpoint("publish.committed")
    _sweep(workspace)
    return Vintage(vintage_id, path, content, summary)


def _assemble(workspace: Workspace, outcomes: list[Outcome], tables: Mapping[str, Artefact], record: Mapping[str, Any]) -> None:
    vintage_id = record["vintage"]
    building = workspace.vintages / f".{vintage_id}.building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True, mode=0o700)
    for name, artefact in tables.items():
        _link(artefact.path, building / f"{name}.parquet")
    for folder in (p for p in sorted(outcomes[-1].folder.iterdir()) if p.is_dir()):
        shutil.copytree(folder, building / folder.name, copy_function=_link)
    _link(outcomes[-1].folder / "summary.json", building / "summary.json")
    (building / "run.json").write_text(json.dumps(record, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8")
    _sync(building)
    failpoint("publish.built")
    building.rename(workspace.vintage(vintage_id))


def _run_record(
    workspace: Workspace, control: ControlDatabase, pinned: Pinned, outcomes: list[Outcome], tables: Mapping[str, Artefact]
) -> dict[str, Any]:
    """run.json: code, configuration, model and input hashes, ledgers, table hashes, timings."""
    config, pin = workspace.deployment.config, pinned.pin
    with workspace.connect() as con:
        identity, missed = index_changes(con, tables, pinned.before), left_out(con, tables)
    return {
        "night": pin.night.isoformat(),
        "parent": pin.parent,
        "run_id": pin.run_id,
        "synthetic": config.synthetic,
        "legal_basis": config.legal_basis.model_dump(),
        "purpose": config.purpose.model_dump(),
        "code_version": pin.code_version,
        "config_hash": pin.config_hash,
        "engine": config.engine,
        "model_hashes": sorted(_frame(workspace, tables["links"], "DISTINCT model_hash")["model_hash"]),
        "inputs": {n: a.content for n, a in pinned.before.items() if n.startswith("inputs.")},
        "deliveries": json.loads(_frame(workspace, tables["deliveries"])[["delivery_id", "content_hash", "status"]].to_json(orient="records")),
        "tables": {n: {"rows": row_count(a.path), "content": a.content} for n, a in tables.items()},
        "identity": identity,
        "left_out": missed,
        "audit_head": control.audit_head(),
        "steps": [
            {
                "step": o.step,
                "source": o.source,
                "seconds": round(o.seconds, 3),
                "peak_mb": o.peak_mb,
                "reused": o.reused,
                "rows": {n: row_count(a.path) for n, a in o.tables.items()},
            }
            for o in outcomes
        ],
    }


def _frame(workspace: Workspace, artefact: Artefact, columns: str = "*") -> pd.DataFrame:
    with workspace.connect() as con:
        return con.execute(f"SELECT {columns} FROM {scan(artefact.path)}").df()


def _link(source: str | Path, target: str | Path) -> str:
    """A hard link where the file system has them, else a copy. Published files are never written again."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return str(target)


def _sync(folder: Path) -> None:
    for path in [p for p in folder.rglob("*") if p.is_file()] + [folder]:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def _sweep(workspace: Workspace) -> None:
    """Take away half-built folders, and the work of nights older than the retention.

    A whole vintage that the control database doesn't know stays: with an older copy of the database put back, it is the evidence of that.
    """
    for folder in workspace.vintages.glob(".*.building"):
        shutil.rmtree(folder, ignore_errors=True)
    nights = sorted(p for p in workspace.work.iterdir() if p.is_dir())
    for old in nights[: -workspace.deployment.config.retention.work_days or None]:
        shutil.rmtree(old, ignore_errors=True)
