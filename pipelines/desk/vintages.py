"""Reading published nights back."""

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
    fitting = [v for v in ControlDatabase(workspace.control_url).vintages() if known_on is None or v.night <= known_on]
    if not fitting:
        when = f" by {known_on}" if known_on else ""
        raise UsageError("RC-U02", f"nothing was published{when}", where=str(workspace.data), todo="Run a night: rollcall run --date D")
    folder = workspace.vintage(fitting[-1].vintage_id)
    if not is_whole(folder):
        todo = "Make it again: rollcall rebuild"
        raise UsageError("RC-U03", "the tables of this vintage are gone", where=folder.name, why="retention took them away", todo=todo)
    return folder


def prune(workspace: Workspace, by: str, *, dry_run: bool) -> dict[str, Any]:
    """Take away what retention allows, or with ``dry_run`` say what that would be.

    Returns:
        ``vintages`` that lose their tables, number of landed ``files`` and their ``bytes``, and what is old but ``needed`` (what, why).
    """
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
