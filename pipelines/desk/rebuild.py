"""Replay every night from landing, and compare each vintage, ids included, with the one that stands."""

import json
from pathlib import Path
from typing import Any

from pipelines.desk.demo import fresh_folder
from pipelines.flow import clock, run_night
from pipelines.night.restore import restore_inbox
from pipelines.night.workspace import Workspace
from pipelines.step import Progress
from pipelines.storage.control import ControlDatabase, NewDecision, RecordRef


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
        deliveries = json.loads((workspace.vintage(vintage.vintage_id) / "run.json").read_text())["deliveries"]
        restore_inbox(workspace.landing, [d["delivery_id"] for d in deliveries if d["status"] != "waiting"], Path(replica.inbox))
        _take_over(control, ControlDatabase(replica.control_url), vintage.published_at)
        result = run_night(replica, vintage.night, now=clock)
        assert result.vintage is not None
        rows.append(_compare(workspace.vintage(vintage.vintage_id), result.vintage.path, vintage.vintage_id))
    return {"same": all(r["same"] for r in rows), "nights": rows, "into": str(into)}


def _take_over(stands: ControlDatabase, replica: ControlDatabase, until: str) -> None:
    """Repeat what people had decided by ``until``: links, and holds that two of them had let through."""
    for d in stands.list_decisions():
        if d["status"] == "in_force" and d["decided_at"] <= until:
            left, right = (RecordRef(*(d[f"{side}_{k}"] for k in ("source", "record_key", "role"))) for side in ("left", "right"))
            new = NewDecision(d["kind"], left, right, d["reason"], d["decided_by"], d["second"], d["case_id"])
            replica.decide_link(new, d["decided_at"])
    waiting = {h["hold_id"] for h in replica.holds(waiting_only=True)}
    for h in stands.holds():
        if h["hold_id"] in waiting and h["approved_at"] and h["approved_at"] <= until:
            replica.override_hold(h["hold_id"], h["reason"], h["requested_by"], h["requested_at"])
            replica.override_hold(h["hold_id"], h["reason"], h["approved_by"], h["approved_at"])


def _compare(stands: Path, rebuilt: Path, vintage_id: str) -> dict[str, Any]:
    before, after = (json.loads((p / "run.json").read_text()) for p in (stands, rebuilt))
    names = sorted(set(before["tables"]) | set(after["tables"]))
    differing = [n for n in names if before["tables"].get(n, {}).get("content") != after["tables"].get(n, {}).get("content")]
    return {"night": before["night"], "vintage": vintage_id, "rebuilt": after["vintage"], "same": not differing, "differing": " ".join(differing)}
