"""Frames of a night's contracts in few words, and publishing them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from pipelines.contracts import tables
from pipelines.contracts.columns import Table
from pipelines.storage.control import ControlDatabase

NIGHT = date(2026, 1, 2)
AT = "2026-01-02T02:00:00+08:00"
COUNTS = ("delivered", "new", "changed", "unchanged", "quarantined", "exact_duplicates", "live_before", "opened", "closed", "live_after")


def frame(table: Table, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame([{**dict.fromkeys(table.names), **row} for row in rows], columns=list(table.names))


def delivery(source: str = "police", day: date = NIGHT, sequence: int = 1, status: str = "accepted") -> dict[str, Any]:
    return {
        "delivery_id": f"{source}-{day:%Y%m%d}-{sequence}-abcd0123", "source": source, "business_date": day, "sequence": sequence,
        "mode": "full", "content_hash": "abcd0123", "status": status,
    }  # fmt: skip


def entry(given: dict[str, Any], status: str = "applied", night: date = NIGHT) -> dict[str, Any]:
    names = ("delivery_id", "source", "business_date", "sequence", "mode")
    return {**{n: given[n] for n in names}, **dict.fromkeys(COUNTS, 0), "status": status, "night": night, "owner": "o"}


def gate(given: dict[str, Any], outcome: str = "held") -> dict[str, Any]:
    names = ("source", "delivery_id")
    return {**{n: given[n] for n in names}, "gate": "volume_drop", "observed": 0.5, "allowed": 0.1, "outcome": outcome, "detail": "880102"}


def case(number: int, version: int = 1, state: str = "raised") -> dict[str, Any]:
    return {
        "case_id": f"C{number:012}", "finding_id": f"F{number:012}", "code": "D01", "subject_key": f"P{number}", "state": state, "severity": "high",
        "owner": "police", "person_ids": [f"P{number}"], "records": [{"source": "police", "record_key": str(number), "role": "self"}],
        "opened_on": NIGHT, "escalation": 0, "confidence": 0.9, "yuan": 12.5, "version": version,
    }  # fmt: skip


def event(number: int, version: int = 1, state: str = "raised", name: str = "raised") -> dict[str, Any]:
    return {
        "case_id": f"C{number:012}", "version": version, "night": NIGHT, "event": name, "state_after": state, "actor": "rollcall",
        "reason": "found tonight", "finding_id": f"F{number:012}",
    }  # fmt: skip


def publish(control: ControlDatabase, vintage: str = "V1", parent: str | None = None, at: str = AT, night: date = NIGHT, **rows: Any) -> bool:
    """Publish a night of the rows given by table."""
    contracts = {t.name: t for t in (tables.DELIVERIES, tables.LEDGER, tables.GATES, tables.CASES, tables.CASE_EVENTS)}
    version = rows.pop("cases_version", None)
    return control.publish(
        vintage_id=vintage, night=night, parent=parent, path=f"vintages/{vintage}", content_hash="c0ffee", run_id="R1",
        **{name: frame(table, rows.pop(name, [])) for name, table in contracts.items()},
        cases_version=control.cases_version() if version is None else version, at=at,
    )  # fmt: skip
