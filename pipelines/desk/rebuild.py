"""Replay every night from landing, and compare each vintage, ids included, with the one that stands."""

import json
from pathlib import Path
from typing import Any

from pipelines.desk.demo import fresh_folder
from pipelines.flow import clock, run_night
from pipelines.night.restore import restore_inbox
from pipelines.night.workspace import Workspace
from pipelines.step import Progress
from pipelines.storage.control import ControlDatabase


def rebuild(workspace: Workspace, into: Path, progress: Progress) -> dict[str, Any]:
    """Run every published night again in ``into`` from the landed bytes.

    What people did to holds, links and cases between two nights is repeated between them, as the audit chain has it.

    Returns:
        ``same`` and one row per night (night, vintage, rebuilt, same, differing tables).
    """
    fresh_folder(into)
    control = ControlDatabase(workspace.control_url)
    replica = Workspace(workspace.deployment, into.resolve() / "data", str(into.resolve() / "inbox"))
    replica.prepare()
    published = control.vintages()
    rows = []
    for number, vintage in enumerate(published):
        progress(number, len(published), str(vintage.night))
        deliveries = json.loads((workspace.vintage(vintage.vintage_id) / "run.json").read_text())["deliveries"]
        restore_inbox(workspace.landing, [d["delivery_id"] for d in deliveries if d["status"] != "waiting"], Path(replica.inbox))
        ControlDatabase(replica.control_url).take_over(control, vintage.vintage_id)
        result = run_night(replica, vintage.night, now=clock)
        assert result.vintage is not None
        rows.append(_compare(workspace.vintage(vintage.vintage_id), result.vintage.path, vintage.vintage_id))
    return {"same": all(r["same"] for r in rows), "nights": rows, "into": str(into)}


def _compare(stands: Path, rebuilt: Path, vintage_id: str) -> dict[str, Any]:
    before, after = (json.loads((p / "run.json").read_text()) for p in (stands, rebuilt))
    names = sorted(set(before["tables"]) | set(after["tables"]))
    differing = [n for n in names if before["tables"].get(n, {}).get("content") != after["tables"].get(n, {}).get("content")]
    return {"night": before["night"], "vintage": vintage_id, "rebuilt": after["vintage"], "same": not differing, "differing": " ".join(differing)}
