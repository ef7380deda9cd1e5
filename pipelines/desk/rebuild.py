"""Replay every night from landing, and compare each vintage, ids included, with the one that stands."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.desk.demo import fresh_folder
from pipelines.flow import clock, restore_inbox, run_night
from pipelines.night.workspace import Workspace
from pipelines.step import Progress
from pipelines.storage.control import ControlDatabase


def rebuild(workspace: Workspace, into: Path, progress: Progress) -> dict[str, Any]:
    """Run every published night again in ``into`` from the landed bytes.

    People's decisions in force on a night are taken over before it. Tables that people's work on cases has changed
    (``cases``, ``case_events``) are compared as well; a difference there is named like any other.

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
        restore_inbox(workspace.landing, ControlDatabase(workspace.control_url).deliveries_of(vintage.vintage_id), Path(replica.inbox))
        ControlDatabase(replica.control_url).take_over_decisions(control, vintage.night)
        result = run_night(replica, _day(vintage.night), now=clock)
        assert result.vintage is not None
        rows.append(_compare(workspace.vintage(vintage.vintage_id), result.vintage.path, vintage.vintage_id))
    return {"same": all(r["same"] for r in rows), "nights": rows, "into": str(into)}


def _day(value: date | str) -> date:
    return value if isinstance(value, date) else date.fromisoformat(value)


def _compare(stands: Path, rebuilt: Path, vintage_id: str) -> dict[str, Any]:
    before, after = (json.loads((p / "run.json").read_text()) for p in (stands, rebuilt))
    names = sorted(set(before["tables"]) | set(after["tables"]))
    differing = [n for n in names if before["tables"].get(n, {}).get("content") != after["tables"].get(n, {}).get("content")]
    return {"night": before["night"], "vintage": vintage_id, "rebuilt": after["vintage"], "same": not differing, "differing": " ".join(differing)}
