"""Reports on request: over a period, as PDF; the person table with its names; the evidence of one case."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.desk.vintages import night_path, vintage_path
from pipelines.locales import load_pack
from pipelines.night.workspace import Workspace
from pipelines.publish import Mask, from_vintage, summarise, write_pdf_reports, write_persons, write_reports
from pipelines.publish.evidence import Trail, build
from pipelines.storage.control import ControlDatabase


@dataclass(frozen=True)
class Period:
    """The night told of, and the night it is compared with; null = the current vintage, and the one before it."""

    night: date | None = None
    since: date | None = None


def period_report(workspace: Workspace, out: Path, period: Period, *, pdf: bool = False) -> list[Path]:
    """Write the report of a night compared with an earlier one into ``out``: HTML and XLSX per language, with ``pdf`` also PDF.

    Raises:
        UsageError: RC-U02 nothing was published by one of the nights, RC-U30 PDF was asked for and can't be made.
    """
    vintage = night_path(workspace, period.night)
    earlier = vintage_path(workspace, period.since) if period.since else _parent(workspace, vintage)
    edition = from_vintage(vintage, workspace.deployment, earlier)
    config = workspace.deployment.config
    mask = Mask(load_pack(config.country, config.country_options))
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    with edition.open() as con:
        summary = summarise(edition, con)
        summary.write(out / "summary.json")
        files = write_reports(edition, con, summary, mask, out)
    if pdf:
        write_pdf_reports(edition, summary, files, mask, out)
    return sorted(path for path in out.iterdir() if path.is_file())


def export_persons(workspace: Workspace, out: Path, night: date | None = None, *, identified: bool = False) -> list[Path]:
    """Write the person table as a package; ``identified`` keeps names, numbers and addresses."""
    edition = from_vintage(night_path(workspace, night), workspace.deployment)
    with edition.open() as con:
        return write_persons(edition, con, out, identified=identified)


def evidence_pack(workspace: Workspace, case_id: str, out: Path) -> Path:
    """Write the evidence of a case as the current vintage tells it; gives the archive.

    The audit chain goes as far as the vintage's own entry, or the last act on the case, so that the same case gives the same bytes.

    Raises:
        UsageError: RC-K01, RC-E01 no such case; RC-E02 a delivery is past its retention.
    """
    control, vintage = ControlDatabase(workspace.control_url), vintage_path(workspace)
    case, history = control.case(case_id), control.case_history(case_id)
    records = {tuple(record.values()) if isinstance(record, dict) else tuple(record) for record in case["records"]}
    decisions = [d for d in control.list_decisions() if d.get("case_id") == case_id or _touches(d, records)]
    chain = _chain(control)
    published = [entry["seq"] for entry in chain if entry["object"] == f"vintage/{vintage.name}"]
    last = max([*published, *(row["audit_seq"] or 0 for row in history), 0])
    trail = Trail(history, decisions, [entry for entry in chain if entry["seq"] <= last])
    return build(case_id, vintage, workspace.deployment, workspace.landing, out, trail)


def _parent(workspace: Workspace, vintage: Path) -> Path | None:
    parent = json.loads((vintage / "run.json").read_text(encoding="utf-8"))["parent"]
    found = workspace.vintage(parent) if parent else None
    return found if found is not None and found.is_dir() else None


def _touches(decision: dict[str, Any], records: set[tuple[Any, ...]]) -> bool:
    """Whether a decision on links names one of the case's records."""
    sides: Sequence[tuple[Any, ...]] = [
        tuple(decision.get(f"{side}_{name}") for name in ("source", "record_key", "role")) for side in ("left", "right")
    ]
    return any(side in records for side in sides)


def _chain(control: ControlDatabase) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.jsonl"
        control.export_chain(path)
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
