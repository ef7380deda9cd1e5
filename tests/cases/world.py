"""A small world for the cases step: findings in few words, the step run for real over Parquet, a control database that keeps the result."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd

from pipelines import cases
from pipelines.contracts import tables
from pipelines.contracts.columns import Table
from pipelines.settings import Deployment, DeploymentConfig, Text
from pipelines.step import RunPin, StepContext
from pipelines.storage.control import ControlDatabase
from pipelines.storage.frames import connect, empty, scan, write_frame

START = date(2026, 1, 1)
TEXT = Text(zh="文", en="text")


@dataclass(frozen=True)
class Finding:
    """A finding of tonight. ``key`` is its subject, persons joined by |."""

    code: str = "D01"
    key: str = "P1"
    status: str = "open"
    severity: str = "high"
    owner: str = "police"
    division: str = "880102"
    records: tuple[tuple[str, str, str], ...] = ()
    confidence: float = 0.98
    yuan: float | None = None
    escalation: int = 0

    @property
    def finding_id(self) -> str:
        return f"F{self.code}{self.key}"

    def row(self) -> dict[str, object]:
        persons = self.key.split("|")
        listed = self.records or tuple((self.owner, f"R{p}", "self") for p in persons)
        return {
            "finding_id": self.finding_id, "code": self.code, "status": self.status, "severity": self.severity, "person_ids": persons,
            "records": [dict(zip(("source", "record_key", "role"), r, strict=True)) for r in listed], "since": date(2025, 12, 1),
            "days_overdue": 1, "confidence": self.confidence, "case_id": None,
        }  # fmt: skip

    def details(self, night: date) -> dict[str, object]:
        return {
            "finding_id": self.finding_id, "code": self.code, "rule_version": "1", "subject": "person", "subject_key": self.key,
            "division": self.division, "owner": self.owner, "as_of": night, "rule_evidence": 1.0, "link_quality": 1.0, "people": 1,
            "yuan": self.yuan, "escalation": self.escalation, "dates": "{}", "links": "[]", "tested": "[]", "reason": "r", "reason_zh": "理",
        }  # fmt: skip


def deployment(folder: Path) -> Deployment:
    config = DeploymentConfig(name="test", title=TEXT, country="zh_CN", timezone="Asia/Shanghai", legal_basis=TEXT, purpose=TEXT)
    return Deployment(folder=folder, config=config, sources={}, config_hash="0")


def put(con: duckdb.DuckDBPyConnection, rows: Sequence[dict[str, object]], table: Table, path: Path) -> Path:
    if rows:
        write_frame(pd.DataFrame(list(rows)), table, path, con)
    else:
        empty(table, path, con)
    return path


@dataclass
class World:
    """Nights one after another over one control database."""

    folder: Path
    control: ControlDatabase
    number: int = 0
    engine: duckdb.DuckDBPyConnection = field(default_factory=lambda: connect("500MB", 1))
    history: list[dict[str, object]] = field(default_factory=list)

    @property
    def night(self) -> date:
        return START + timedelta(days=self.number)

    @property
    def at(self) -> str:
        return f"{self.night}T12:00:00+00:00"

    def happened(self, person: str, event: str, successor: str | None = None, reason: str = "tier 1") -> None:
        self.history.append({"person_id": person, "night": self.night, "event": event, "successor": successor, "reason": reason, "records": 1})

    def step(self, findings: Sequence[Finding], cleared: Sequence[tuple[Finding, str]] = ()) -> StepContext:
        """Run the step on tonight's findings and what the control database holds."""
        inputs = self.folder / f"in{self.number}"
        outputs = self.folder / f"out{self.number}"
        for made in (inputs, outputs):
            made.mkdir(exist_ok=True)
        excused = [{**f.row(), "explanation": why} for f, why in cleared]
        horizon = {
            "source": "police",
            "began": START,
            "delivered_through": self.night,
            "reporting_lag_days": 0,
            "horizon": self.night,
            "stale_days": 0,
        }
        before = self.control.cases()
        rows = {
            tables.FINDINGS: [f.row() for f in findings],
            tables.FINDING_DETAILS: [f.details(self.night) for f in findings],
            tables.CLEARED: [{k: v for k, v in row.items() if k in tables.CLEARED.names} for row in excused],
            tables.PERSON_HISTORY: self.history,
            tables.HORIZONS: [horizon],
            tables.INPUT_CASES: [row._asdict() for row in before.itertuples(index=False)],
        }
        read = {table.name: put(self.engine, listed, table, inputs / f"{table.name}.parquet") for table, listed in rows.items()}
        ctx = StepContext(
            run=RunPin(self.night, f"R{self.number}", None, "0", "test"), deployment=deployment(self.folder), inputs=read, outputs=outputs,
            declared=frozenset({"cases", "case_events"}), connect=self.engine.cursor,
        )  # fmt: skip
        cases.run(ctx)
        return ctx

    def publish(self, ctx: StepContext, version: int | None = None) -> bool:
        """Publish what a step wrote."""
        current = self.control.current_vintage()
        frames = {name: self.read(ctx.outputs / f"{name}.parquet") for name in ("cases", "case_events")}
        nothing = {t.name: pd.DataFrame(columns=list(t.names)) for t in (tables.DELIVERIES, tables.LEDGER, tables.GATES)}
        return self.control.publish(
            vintage_id=f"V{self.night:%Y%m%d}-{self.number}", night=self.night, parent=current.vintage_id if current else None, path=str(self.folder),
            content_hash="0", run_id=f"R{self.number}", cases_version=self.control.cases_version() if version is None else version, at=self.at,
            **frames, **nothing,
        )  # fmt: skip

    def run(self, *findings: Finding, cleared: Sequence[tuple[Finding, str]] = (), days: int = 1) -> pd.DataFrame:
        """One more night: step and publication; gives tonight's events."""
        self.number += days
        self.control.start_run(RunPin(self.night, f"R{self.number}", None, "0", "test"), self.at)
        ctx = self.step(findings, cleared)
        self.publish(ctx)
        return self.read(ctx.outputs / "case_events.parquet")

    def read(self, path: Path) -> pd.DataFrame:
        return self.engine.execute(f"SELECT * FROM {scan(path)}").df()

    def only(self) -> dict[str, object]:
        """The one case there is."""
        [case] = self.control.list_cases()
        return case


def told(events: pd.DataFrame) -> list[str]:
    """``['raised', 'referred']``, in order of case and version."""
    return list(events.sort_values(["case_id", "version"])["event"])


def dumped(world: World) -> str:
    return json.dumps(world.control.list_cases(), default=str, sort_keys=True)
