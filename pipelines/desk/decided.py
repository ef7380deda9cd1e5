"""What people decided about records: who, when, why, and whether it still holds."""

from collections.abc import Iterable

from pipelines.desk.vintages import Rows
from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase

SHOWN = ("decision_id", "kind", "status", "decided_by", "second", "decided_on", "reason", "withdrawn_by", "withdrawn_reason")


def decisions_about(workspace: Workspace, records: Iterable[str]) -> Rows:
    """Decisions of which a side is one of ``records`` (``source|key|role``), newest first: left, right and `SHOWN`. Withdrawn ones too."""
    wanted, rows = set(records), []
    for row in ControlDatabase(workspace.control_url).list_decisions():
        left, right = ("|".join(str(row[f"{side}_{part}"]) for part in ("source", "record_key", "role")) for side in ("left", "right"))
        if {left, right} & wanted:
            rows.append({"left": left, "right": right, **{name: row[name] for name in SHOWN}})
    return rows
