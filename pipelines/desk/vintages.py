"""Reading published nights back."""

from datetime import date
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase
from pipelines.storage.frames import scan

Rows = list[dict[str, Any]]


def vintages(workspace: Workspace) -> Rows:
    """Every vintage: id, night, parent, when it was published, where it lies."""
    control = ControlDatabase(workspace.control_url)
    current = control.current_vintage()
    return [
        {
            "vintage": v.vintage_id,
            "night": v.night,
            "parent": v.parent,
            "published_at": v.published_at,
            "current": current is not None and v.vintage_id == current.vintage_id,
            "path": str(workspace.vintage(v.vintage_id)),
        }
        for v in control.vintages()
    ]


def vintage_path(workspace: Workspace, known_on: date | None = None) -> Path:
    """The current vintage's folder, or that of the last vintage whose night is not after ``known_on``.

    Raises:
        UsageError: there is none.
    """
    fitting = [v for v in ControlDatabase(workspace.control_url).vintages() if known_on is None or v.night <= known_on]
    if not fitting:
        when = f" by {known_on}" if known_on else ""
        raise UsageError("RC-U02", f"nothing was published{when}", where=str(workspace.data), todo="Run a night: rollcall run --date D")
    return workspace.vintage(fitting[-1].vintage_id)


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
