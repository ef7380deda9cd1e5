"""Reading published nights back."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.flow import clock
from pipelines.night import retention
from pipelines.night.retention import is_whole, prunable
from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase
from pipelines.storage.frames import scan

Rows = list[dict[str, Any]]


def vintages(workspace: Workspace) -> Rows:
    """Every vintage: id, night, parent, when it was published, where it lies; not ``whole``: retention took its tables away."""
    control = ControlDatabase(workspace.control_url)
    current = control.current_vintage()
    return [
        {
            "vintage": v.vintage_id,
            "night": v.night,
            "parent": v.parent,
            "published_at": v.published_at,
            "current": current is not None and v.vintage_id == current.vintage_id,
            "whole": is_whole(workspace.vintage(v.vintage_id)),
            "path": str(workspace.vintage(v.vintage_id)),
        }
        for v in control.vintages()
    ]


def vintage_path(workspace: Workspace, known_on: date | None = None) -> Path:
    """The current vintage's folder, or that of the last vintage whose night is not after ``known_on``.

    Raises:
        UsageError: RC-U02 there is none; RC-U03 retention took its tables away.
    """
    return _whole(_last(workspace, known_on)[0])


def night_of(folder: Path) -> date:
    """The night that a vintage was made for; nothing need have been delivered on it."""
    return date.fromisoformat(str(json.loads((folder / "run.json").read_text(encoding="utf-8"))["night"]))


def night_path(workspace: Workspace, night: date | None = None, *, whole: bool = True) -> Path:
    """The current vintage's folder, or that of one night; not ``whole``: with what retention left of it, ``run.json`` at least.

    Raises:
        UsageError: RC-U36 that night was not published; RC-U02, RC-U03 as `vintage_path`.
    """
    folder, found = _last(workspace, night)
    if night not in {None, found}:
        why = f"the last one before it is {folder.name}"
        raise UsageError("RC-U36", f"no vintage is of {night}", why=why, todo="Give one of 'rollcall vintage list'")
    return _whole(folder) if whole else folder


def _last(workspace: Workspace, known_on: date | None) -> tuple[Path, date]:
    """The last vintage's folder and night."""
    fitting = [v for v in ControlDatabase(workspace.control_url).vintages() if known_on is None or v.night <= known_on]
    if not fitting:
        when = f" by {known_on}" if known_on else ""
        raise UsageError("RC-U02", f"nothing was published{when}", where=str(workspace.data), todo="Run a night: rollcall run --date D")
    return workspace.vintage(fitting[-1].vintage_id), fitting[-1].night


def _whole(folder: Path) -> Path:
    if not is_whole(folder):
        todo = "Make it again: rollcall rebuild"
        raise UsageError("RC-U03", "the tables of this vintage are gone", where=folder.name, why="retention took them away", todo=todo)
    return folder


def prune(workspace: Workspace, by: str, *, dry_run: bool) -> dict[str, Any]:
    """Take away what retention allows, or with ``dry_run`` say what that would be.

    Raises:
        UsageError: RC-U37 nobody's name is given, and it goes into the record.

    Returns:
        ``vintages`` that lose their tables, number of landed ``files`` and their ``bytes``, and what is old but ``needed`` (what, why).
    """
    if not dry_run and not by.strip():
        raise UsageError("RC-U37", "who takes it away goes into the record", todo="Give --by NAME, or --dry-run")
    control = ControlDatabase(workspace.control_url)
    found = prunable(workspace, control) if dry_run else retention.prune(workspace, control, by, clock())
    needed = [{"what": what, "why": why} for what, why in found.needed.items()]
    return {"dry_run": dry_run, "vintages": list(found.vintages), "files": len(found.landed), "bytes": found.bytes, "needed": needed}


def ask(workspace: Workspace, folder: Path, sql: str, parameters: list[Any] | None = None) -> Rows:
    """Rows of a query over a vintage; ``{table}`` in the query stands for the table's file."""
    with workspace.connect() as con:
        cursor = con.execute(sql.format_map(_Tables(folder)), parameters or [])
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class _Tables(dict[str, str]):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> str:
        return scan(self.folder / f"{name}.parquet")
