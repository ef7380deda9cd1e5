"""What stands tonight: vintage, freshness, holds, findings, cases, runs, quarantine, reports."""

from datetime import date
from typing import Any

from pipelines.desk.run_report import index_lines, run_record
from pipelines.desk.vintages import Rows, ask, night_path, vintage_path
from pipelines.flow import NightResult
from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase


def status(workspace: Workspace) -> dict[str, Any]:
    """Everything that the status page shows; ``vintage`` is None when nothing was published."""
    control = ControlDatabase(workspace.control_url)
    current = control.current_vintage()
    runs = control.runs()[-5:]
    if current is None:
        return {"vintage": None, "runs": runs}
    folder = workspace.vintage(current.vintage_id)
    [counts] = ask(workspace, folder, "SELECT (SELECT count(*) FROM {persons}) AS persons, (SELECT count(*) FROM {person_records}) AS records")
    record = run_record(folder)
    return {
        "vintage": current.vintage_id,
        "night": current.night,
        "path": str(folder),
        **counts,
        "sources": ask(workspace, folder, "SELECT source, delivered_through, horizon, stale_days FROM {horizons} ORDER BY source"),
        "identity": record["identity"],
        "left_out": record["left_out"],
        "lines": index_lines(record, workspace.deployment.config.languages),
        "holds": control.holds(),
        "findings": ask(
            workspace, folder, "SELECT code, status, severity, count(*) AS findings FROM {findings} GROUP BY ALL ORDER BY code, status, severity"
        ),
        "cases": ask(workspace, folder, "SELECT state, count(*) AS cases FROM {cases} GROUP BY state ORDER BY state"),
        "runs": runs,
    }


def night_rows(workspace: Workspace, result: NightResult) -> Rows:
    """The row ledger of one night, one line per delivery it dealt with."""
    if result.vintage is None:
        return []
    columns = "night, source, status, delivered, new, changed, unchanged, quarantined, exact_duplicates, live_after"
    sql = f"SELECT {columns} FROM {{ledger}} WHERE night = ? AND status <> 'repeated' ORDER BY source, sequence"
    return ask(workspace, result.vintage.path, sql, [result.night])


def quarantine(workspace: Workspace, source: str, limit: int) -> Rows:
    """Rows that the current vintage's night kept out."""
    return ask(
        workspace,
        vintage_path(workspace),
        "SELECT * FROM {quarantine} WHERE ? = '' OR source = ? ORDER BY source, delivery_id, file, row_number, rule LIMIT ?",
        [source, source, limit],
    )


def report_files(workspace: Workspace, night: date | None) -> list[str]:
    """Reports, referrals and exports of a vintage."""
    folder = night_path(workspace, night)
    return [str(p) for part in ("reports", "referrals", "exports") for p in sorted((folder / part).rglob("*")) if p.is_file()]
