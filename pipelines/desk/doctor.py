"""Is everything there that a night needs? One line per check, with what to do."""

import importlib.util
import shutil
from collections.abc import Callable

import fsspec

from pipelines.desk.setup import validate_config
from pipelines.desk.vintages import Rows
from pipelines.errors import RollcallError
from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase

FREE_GIGABYTES = 2.0
OPTIONAL = {"airflow": "airflow", "spark": "pyspark", "console": "fastapi", "pdf": "weasyprint"}


def doctor(workspace: Workspace) -> Rows:
    """Checks as rows (check, result right|missing|wrong, detail)."""
    checks: dict[str, Callable[[], str]] = {
        "configuration": lambda: f"{len(validate_config(workspace.deployment.folder)['checks'])} parts right",
        "data folder": lambda: _data_folder(workspace),
        "control database": lambda: _control(workspace),
        "inbox": lambda: _inbox(workspace),
        "current vintage": lambda: _vintage(workspace),
    }
    rows = [_row(name, check) for name, check in checks.items()]
    for extra, module in OPTIONAL.items():
        there = importlib.util.find_spec(module) is not None
        detail = "installed" if there else f"not installed; only needed for {extra}: pip install 'rollcall[{extra}]'"
        rows.append({"check": f"extra {extra}", "result": "right" if there else "missing", "detail": detail})
    return rows


def _row(name: str, check: Callable[[], str]) -> dict[str, str]:
    try:
        return {"check": name, "result": "right", "detail": check()}
    except RollcallError as error:
        return {"check": name, "result": "wrong", "detail": error.line()}


def _data_folder(workspace: Workspace) -> str:
    workspace.prepare()
    free = shutil.disk_usage(workspace.data).free / 1e9
    if free < FREE_GIGABYTES:
        raise RollcallError("RC-S10", f"only {free:.1f} GB are free", where=str(workspace.data), todo="Make room, or give another --data")
    return f"{free:.0f} GB free"


def _control(workspace: Workspace) -> str:
    return f"{len(ControlDatabase(workspace.control_url).vintages())} vintages known"


def _inbox(workspace: Workspace) -> str:
    files, root = fsspec.core.url_to_fs(workspace.inbox)
    if not files.exists(root):
        raise RollcallError("RC-S11", "there is no inbox", where=workspace.inbox, todo="Make the folder, or give --inbox")
    there = {str(p).rstrip("/").rsplit("/", 1)[-1] for p in files.ls(root, detail=False)}
    silent = sorted(set(workspace.deployment.sources) - there)
    return f"nothing delivered yet by {', '.join(silent)}" if silent else "every source has delivered"


def _vintage(workspace: Workspace) -> str:
    current = ControlDatabase(workspace.control_url).current_vintage()
    if current is None:
        return "none yet"
    folder = workspace.vintage(current.vintage_id)
    if not (folder / "run.json").is_file():
        raise RollcallError("RC-S12", f"the folder of {current.vintage_id} is gone", where=str(folder), todo="Restore it from a backup")
    return current.vintage_id
