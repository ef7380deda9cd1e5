"""What a night came to, in one exit code: done, held, or done with too much kept out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.night.commit import Vintage
from pipelines.night.run import NightRun
from pipelines.storage.control import ControlDatabase
from pipelines.storage.frames import scan


@dataclass(frozen=True)
class Verdict:
    """Exit code, its stable code, and one line per source that needs somebody."""

    exit_code: int
    code: str
    lines: tuple[str, ...]
    vintage: Vintage | None = None

    def as_dict(self) -> dict[str, Any]:
        """For run.json."""
        return {"exit_code": self.exit_code, "code": self.code, "lines": list(self.lines)}


def verdict(run: NightRun) -> Verdict:
    """0 done; 3 a delivery was refused or held; 4 a delivery lost more rows to quarantine than the soft limit."""
    tables = {name: artefact.path for outcome in run.outcomes() for name, artefact in outcome.tables.items()}
    with run.workspace.connect() as con:
        lines, stopped = [], False
        for source in run.workspace.deployment.sources:
            deliveries = scan(tables[f"deliveries_{source}"])
            for delivery, status, code, detail in con.execute(
                f"SELECT delivery_id, status, code, detail FROM {deliveries} WHERE status IN ('refused', 'held', 'waiting') ORDER BY 1"
            ).fetchall():
                stopped |= status != "waiting"
                lines.append(f"{code} {delivery} {status}: {detail}")
            gates = scan(tables[f"gates_{source}"])
            for delivery, gate, observed, allowed, detail in con.execute(
                f"SELECT delivery_id, gate, observed, allowed, detail FROM {gates} WHERE outcome = 'held' ORDER BY 1, 2"
            ).fetchall():
                stopped = True
                lines.append(f"RC-G01 {delivery} held by gate {gate}: {observed:.4g} where {allowed:.4g} is allowed. {detail or ''}".rstrip())
        full = _over_soft_limit(run, con, tables)
    if stopped:
        return Verdict(3, "RC-G01", tuple(lines + full))
    return Verdict(4, "RC-Q01", tuple(lines + full)) if full else Verdict(0, "", tuple(lines))


def _over_soft_limit(run: NightRun, con: Any, tables: Mapping[str, Any]) -> list[str]:
    soft = run.workspace.deployment.config.quarantine.soft_limit
    lines = []
    for source in run.workspace.deployment.sources:
        lines += [
            f"RC-Q01 {delivery}: {quarantined} of {delivered} rows are in quarantine, over the soft limit of {soft:.1%}"
            for delivery, quarantined, delivered in con.execute(
                f"""SELECT delivery_id, quarantined, delivered FROM {scan(tables[f"ledger_{source}"])}
                    WHERE status = 'applied' AND quarantined > {soft} * delivered ORDER BY 1"""
            ).fetchall()
        ]
    return lines


def nothing_new(run: NightRun) -> bool:
    """The current vintage is of this night, made by this code and configuration, and no delivery, override or decision came since."""
    pin = run.pinned.pin
    if pin.parent is None:
        return False
    parent = run.workspace.vintage(pin.parent)
    record = json.loads((parent / "run.json").read_text())
    if record["night"] != pin.night.isoformat() or record["code_version"] != pin.code_version or record["config_hash"] != pin.config_hash:
        return False
    if any(record["inputs"].get(name) != run.pinned.before[name].content for name in ("inputs.overrides", "inputs.decisions")):
        return False
    paths = [artefact.path for outcome in run.outcomes() for name, artefact in outcome.tables.items() if name.startswith("deliveries_")]
    known = scan(run.pinned.before["inputs.deliveries"].path)
    with run.workspace.connect() as con:
        return all(con.execute(_news_sql(scan(path), known)).fetchall() == [(0,)] for path in paths)


def _news_sql(deliveries: str, known: str) -> str:
    """Deliveries that this vintage didn't deal with: what a gate holds is accepted by receive each night anew, and is no news."""
    return f"""SELECT count(*) FROM {deliveries} d LEFT JOIN {known} k USING (delivery_id)
               WHERE d.status NOT IN ('repeated', 'waiting')
                 AND CASE d.status WHEN 'accepted' THEN 'held' ELSE d.status END IS DISTINCT FROM k.status"""


def unchanged(run: NightRun, control: ControlDatabase) -> Verdict:
    """The verdict of a night that had nothing new: that of the vintage that stands."""
    current = control.current_vintage()
    assert current is not None
    record = json.loads((run.workspace.vintage(current.vintage_id) / "run.json").read_text())
    vintage = Vintage(current.vintage_id, run.workspace.vintage(current.vintage_id), record["content"], record["summary"])
    last = record["verdict"]
    return Verdict(last["exit_code"], last["code"], tuple(last["lines"]), vintage)
