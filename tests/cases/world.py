"""A small world for the cases step: findings in few words, the step run for real over Parquet, a control database that keeps the result."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd

from pipelines import cases
from pipelines.contracts import tables
from pipelines.contracts.columns import Table
from pipelines.settings import Deployment, DeploymentConfig, SourceConfig, Text, load_deployment
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


@dataclass(frozen=True)
class Row:
    """A row of a register that a delivery of tonight ``changed``, ``closed`` or brought ``new``; ``further``: one more of a known record."""

    source: str
    record_key: str
    how: str

    def lines(self, night: date) -> list[dict[str, object]]:
        """The rows of ``rec`` that say so."""
        before, tonight = f"{self.source}-before", delivery(self.source, night)
        known = {"first_seen": START, "changed_on": START, "delivery_id": before, "closed_on": None, "row_key": f"{self.record_key}|1"}
        news: dict[str, dict[str, object]] = {
            "changed": {"changed_on": night, "delivery_id": tonight},
            "closed": {"closed_on": night},
            "new": {"first_seen": night, "changed_on": night, "delivery_id": tonight},
            "further": {"first_seen": night, "changed_on": night, "delivery_id": tonight, "row_key": f"{self.record_key}|2"},
        }
        shared = {"record_key": self.record_key, "row_hash": "0", "file": "rows.csv", "row_number": 7}
        rows = [{**shared, **known, **news[self.how]}]
        return [{**shared, **known}, *rows] if self.how == "further" else rows


def corrected(*findings: Finding) -> list[Row]:
    """The rows of the findings, put right tonight."""
    return [Row(r["source"], r["record_key"], "changed") for f in findings for r in f.row()["records"]]  # type: ignore[attr-defined]


def delivery(source: str, night: date) -> str:
    return f"{source}-{night:%Y%m%d}-1-aaaaaaaa"


def applied(source: str, night: date) -> dict[str, object]:
    """Tonight's line in a source's ledger."""
    counts = dict.fromkeys(tables.LEDGER.names, 0)
    return {
        **counts, "delivery_id": delivery(source, night), "source": source, "business_date": night, "sequence": 1, "mode": "full",
        "status": "applied", "code": None, "night": night, "owner": source,
    }  # fmt: skip


@cache
def sources() -> Mapping[str, SourceConfig]:
    return load_deployment(Path(__file__).parents[2] / "deployments" / "yunzhou").sources


def deployment(folder: Path) -> Deployment:
    config = DeploymentConfig(name="test", title=TEXT, country="zh_CN", timezone="Asia/Shanghai", legal_basis=TEXT, purpose=TEXT)
    return Deployment(folder=folder, config=config, sources=sources(), config_hash="0")


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
    persons: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Whose each record is, beside those of the findings; change it between nights to part or join persons."""
    placed: list[dict[str, object]] = field(default_factory=list)
    homes: dict[str, str] = field(default_factory=dict)
    """Household numbers of persons, for whom each record says so."""
    rules: dict[str, str] = field(default_factory=lambda: {"D01": "1", "B01": "1", "I01": "1", "I02": "1", "L02": "1"})
    judged: dict[str, str] = field(default_factory=dict)

    @property
    def night(self) -> date:
        return START + timedelta(days=self.number)

    @property
    def at(self) -> str:
        return f"{self.night}T12:00:00+00:00"

    def happened(self, person: str, event: str, successor: str | None = None, reason: str = "tier 1") -> None:
        self.history.append({"person_id": person, "night": self.night, "event": event, "successor": successor, "reason": reason, "records": 1})

    def place(self, findings: Sequence[Finding]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        """person_records before tonight, and tonight: those of every finding so far, but for what ``persons`` says otherwise."""
        before = self.placed
        for finding in findings:
            row = finding.row()
            names = [tuple(r.values()) for r in row["records"]]  # type: ignore[attr-defined]
            for name, person in zip(names, row["person_ids"] * len(names), strict=False):  # type: ignore[operator]
                self.persons.setdefault(name, person)
        self.placed = [
            {"person_id": person, "source": s, "record_key": k, "role": r, "tier": 1, "probability": 1.0}
            for (s, k, r), person in self.persons.items()
        ]
        return before, self.placed

    def registers(self, shown: Sequence[Row]) -> dict[str, Path]:
        """``rec`` and ``ledger`` of every source, of which each delivered tonight."""
        files = {}
        for source in sources():
            lines = [line for row in shown if row.source == source for line in row.lines(self.night)]
            said = [self.observed(name, self.homes.get(person)) for name, person in self.persons.items() if name[0] == source]
            for name, table, rows in (
                ("rec", tables.REC, lines),
                ("ledger", tables.LEDGER, [applied(source, self.night)]),
                ("obs", tables.OBS, said),
            ):
                files[f"{name}_{source}"] = put(self.engine, rows, table, self.folder / f"in{self.number}" / f"{name}_{source}.parquet")
        return files

    def observed(self, name: tuple[str, str, str], home: str | None) -> dict[str, object]:
        """What a record says of its person."""
        source, key, role = name
        blank = dict.fromkeys(tables.OBS.names)
        return {
            **blank, "obs_id": 1 + abs(hash(name)), "source": source, "record_key": key, "role": role, "live": True, "obs_hash": "0",
            "delivery_id": "d", "file": "f", "row_number": 1, "changed_on": START, "id_valid": False, "household": home,
        }  # fmt: skip

    def step(self, findings: Sequence[Finding], cleared: Sequence[tuple[Finding, str]] = (), shown: Sequence[Row] = ()) -> StepContext:
        """Run the step on tonight's findings and what the control database holds."""
        inputs = self.folder / f"in{self.number}"
        outputs = self.folder / f"out{self.number}"
        for made in (inputs, outputs):
            made.mkdir(exist_ok=True)
        excused = [{**f.row(), "explanation": why} for f, why in cleared]
        placed_before, placed = self.place(findings)
        judged_before, self.judged = self.judged, dict(self.rules)
        before = self.control.cases()
        rows = {
            tables.FINDINGS: [f.row() for f in findings],
            tables.FINDING_DETAILS: [f.details(self.night) for f in findings],
            tables.CLEARED: [{k: v for k, v in row.items() if k in tables.CLEARED.names} for row in excused],
            tables.PERSON_HISTORY: self.history,
            tables.PERSON_RECORDS: placed,
            tables.RULES_JUDGED: [judged(*rule) for rule in self.judged.items()],
            tables.INPUT_CASES: [row._asdict() for row in before.itertuples(index=False)],
        }
        read = {table.name: put(self.engine, listed, table, inputs / f"{table.name}.parquet") for table, listed in rows.items()}
        for table, listed in ((tables.PERSON_RECORDS, placed_before), (tables.RULES_JUDGED, [judged(*rule) for rule in judged_before.items()])):
            read[f"previous.{table.name}"] = put(self.engine, listed, table, inputs / f"previous.{table.name}.parquet")
        read |= self.registers(shown)
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

    def run(self, *findings: Finding, cleared: Sequence[tuple[Finding, str]] = (), days: int = 1, shown: Sequence[Row] = ()) -> pd.DataFrame:
        """One more night: step and publication; gives tonight's events."""
        self.number += days
        self.control.start_run(RunPin(self.night, f"R{self.number}", None, "0", "test"), self.at)
        ctx = self.step(findings, cleared, shown)
        self.publish(ctx)
        return self.read(ctx.outputs / "case_events.parquet")

    def read(self, path: Path) -> pd.DataFrame:
        return self.engine.execute(f"SELECT * FROM {scan(path)}").df()

    def only(self) -> dict[str, object]:
        """The one case there is."""
        [case] = self.control.list_cases()
        return case


def judged(code: str, fingerprint: str) -> dict[str, object]:
    return {"code": code, "version": "1", "fingerprint": fingerprint}


def told(events: pd.DataFrame) -> list[str]:
    """``['raised', 'referred']``, in order of case and version."""
    return list(events.sort_values(["case_id", "version"])["event"])


def dumped(world: World) -> str:
    return json.dumps(world.control.list_cases(), default=str, sort_keys=True)
