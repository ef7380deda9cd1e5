"""A night's tables, made by the contract: people of province 88, some of them with cases. Names and numbers are canaries."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from pipelines.contracts.columns import Table
from pipelines.contracts.tables import TABLES
from pipelines.settings import Deployment, load_deployment
from pipelines.step import RunPin, StepContext
from pipelines.storage.frames import connect, empty, write_frame

ROOT = Path(__file__).resolve().parents[2]
NIGHT = date(2026, 1, 3)
SURNAMES = "王李张刘陈杨赵黄周吴"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超兰霞平刚桂"
DIVISIONS = ("880105", "880111", "880112", "880124", "880202", "880221")
CODES = ("D01", "D03", "I01", "B01", "I02", "M02", "P02", "D05")
SEVERITY = {"D01": "high", "D03": "critical", "I01": "high", "B01": "low", "I02": "high", "M02": "critical", "P02": "medium", "D05": "medium"}
OWNER = {"D01": "police", "D03": "pension", "I01": "police", "B01": "police", "I02": "police", "M02": "marriage", "P02": "pension", "D05": "death"}
READS = (
    "deliveries",
    "quarantine",
    "gates",
    "rec",
    "obs",
    "ledger",
    "links",
    "person_records",
    "person_history",
    "persons",
    "horizons",
    "findings",
    "findings_cleared",
    "finding_details",
    "cases",
    "case_events",
    "previous.ledger",
    "previous.quarantine",
    "previous.findings",
    "previous.cases",
    "previous.trend",
)
WRITES = ("observations", "quarantine", "ledger", "deliveries", "gates", "findings", "trend")


def deployment() -> Deployment:
    """The sample deployment."""
    return load_deployment(ROOT / "deployments" / "yunzhou")


def obs_id(source: str, key: str, role: str) -> int:
    """As the macro of :mod:`pipelines.storage.frames` has it."""
    return int(hashlib.md5(f"{source}|{key}|{role}".encode()).hexdigest()[:15], 16)


@dataclass
class World:
    """Rows of each table, as dictionaries, until they are written."""

    people: int = 40
    case_every: int = 4
    seed: int = 7
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)

    def add(self, table: str, **row: Any) -> None:
        """One row of a table."""
        self.rows.setdefault(table, []).append(row)

    def build(self) -> "World":
        """People with two to four records each; every ``case_every``-th is the subject of a case."""
        rng = np.random.default_rng(self.seed)
        for n in range(self.people):
            self._person(n, rng)
        for n in range(0, self.people, self.case_every):
            self._case(n, rng)
        for source in deployment().sources:
            self._source(source)
        return self

    def _person(self, n: int, rng: np.random.Generator) -> None:
        born = date(1930, 1, 1) + timedelta(days=int(rng.integers(0, 33000)))
        name = SURNAMES[int(rng.integers(10))] + "".join(GIVEN[i] for i in rng.integers(0, len(GIVEN), 2))
        division = DIVISIONS[int(rng.integers(len(DIVISIONS)))]
        number = f"{division}{born:%Y%m%d}{n % 1000:03d}{n % 10}"
        self.names.append(name)
        self.numbers.append(number)
        who = {
            "name": name,
            "birth_date": born,
            "sex": "MF"[n % 2],
            "id_number": number,
            "division": division,
            "address": f"{division}路{n}号{name}宅",
        }
        person = f"P{n:012d}"
        self._record(
            "police",
            f"8801{n:08d}",
            "self",
            person,
            who,
            event_date=date(2001, 5, 6),
            registered_on=date(2001, 5, 6),
            registration_kind="birth",
            marital_status="single",
        )
        other = {**who, "name": name[:-1] + "甲"} if n % 3 == 0 else who
        self._record(
            "pension",
            f"Y{n:08d}",
            "beneficiary",
            person,
            other,
            event_date=date(2025, 12, 1),
            paid_month=date(2025, 12, 1),
            benefit_status="paying",
            amount=1234.5,
            scheme="employee",
        )
        if n % self.case_every == 0:
            died = NIGHT - timedelta(days=100 + n % 40)
            self._record(
                "death",
                f"S{n:08d}",
                "deceased",
                person,
                {**who, "birth_date": born + timedelta(days=1)},
                event_date=died,
                died_on=died,
                status="normal",
            )
        self.add(
            "persons",
            person_id=person,
            name=name,
            sex=who["sex"],
            birth_date=born,
            birth_precision="day",
            id_number=number,
            division=division,
            address=who["address"],
            live_entries=1,
            n_records=3,
            n_sources=3,
            sources="death|pension|police",
            weakest_link=0.999 if n % 5 else 0.9,
        )
        self.add("person_history", person_id=person, night=NIGHT, event="created", reason="tier 1", records=3)

    def _record(self, source: str, key: str, role: str, person: str, who: Mapping[str, Any], *, event_date: date, **columns: Any) -> None:
        shared = {
            "record_key": key,
            "delivery_id": f"{source}-20260103-3-0badcafe",
            "file": f"{source}.csv",
            "row_number": len(self.rows.get(f"obs_{source}", [])) + 1,
        }
        folded = {"name_fold": who["name"], "address_key": who["address"][-6:], "id_kind": "resident", "id_valid": True, "id_text": who["id_number"]}
        self.add(
            f"obs_{source}",
            obs_id=obs_id(source, key, role),
            source=source,
            role=role,
            live=True,
            obs_hash="h",
            changed_on=NIGHT,
            event_date=event_date,
            **shared,
            **who,
            **folded,
        )
        self.add(f"rec_{source}", row_key=key, row_hash="h", first_seen=NIGHT, changed_on=NIGHT, **shared, **columns)
        self.add("person_records", person_id=person, source=source, record_key=key, role=role, tier=1, probability=0.9995)

    def _case(self, n: int, rng: np.random.Generator) -> None:
        code = CODES[n // self.case_every % len(CODES)]
        records = [("death", f"S{n:08d}", "deceased"), ("pension", f"Y{n:08d}", "beneficiary"), ("police", f"8801{n:08d}", "self")]
        finding, case = f"F{n:012d}", f"C{n:012d}"
        listed = [{"source": s, "record_key": k, "role": r} for s, k, r in records]
        yuan = round(float(rng.integers(1000, 90000)) / 7, 2) if code in ("D03", "P02") else None
        opened = NIGHT - timedelta(days=[0, 1, 20, 200][n // self.case_every % 4])
        shared = {
            "finding_id": finding,
            "code": code,
            "severity": SEVERITY[code],
            "person_ids": [f"P{n:012d}"],
            "records": listed,
            "since": NIGHT - timedelta(days=100),
            "confidence": 0.98,
        }
        self.add("findings", status="review" if n % 9 == 4 else "open", days_overdue=70, **shared)
        where = {"division": DIVISIONS[n % len(DIVISIONS)], "owner": OWNER[code], "yuan": yuan, "subject_key": f"P{n:012d}"}
        self.add(
            "cases", case_id=case, state="referred", opened_on=opened, due_on=opened + timedelta(days=15), escalation=0, version=1, **shared, **where
        )
        if opened < NIGHT:
            self.add(
                "previous.cases",
                case_id=case,
                state="raised",
                opened_on=opened,
                due_on=opened + timedelta(days=15),
                escalation=0,
                version=1,
                **shared,
                **where,
            )
            self.add("previous.findings", status="open", days_overdue=69, **shared)
        link = dict(zip(("source", "record_key", "role", "other_source", "other_record_key", "other_role"), (*records[0], *records[2]), strict=True))
        sentence = {
            "sentence": "The same valid identity number, and name or birth date agree.",
            "sentence_zh": "公民身份号码相同且有效，姓名或出生日期相符。",
        }
        self.add(
            "finding_details",
            finding_id=finding,
            code=code,
            rule_version="1",
            subject="person",
            as_of=NIGHT,
            grace_days=30,
            legal_days=None,
            rule_evidence=0.985,
            link_quality=0.995,
            people=1,
            dates=json.dumps({"died_on": "2025-09-25"}),
            reason=f"Rule {code} holds since 2025-09-25.",
            reason_zh=f"规则 {code} 自 2025-09-25 起成立。",
            links=json.dumps(
                [{**link, "tier": 1, "rule": "id_number", "levels": "name=4;birth_date=3", "weight": 18.2, "probability": 0.9995, **sentence}],
                ensure_ascii=False,
            ),
            tested=json.dumps(
                [{"name": "reporting_lag", "zh": "可能尚未送达", "en": "May not have reached us", "outcome": "waited"}], ensure_ascii=False
            ),
            **where,
        )
        self.add(
            "links",
            obs_id_l=min(obs_id(*r) for r in records),
            obs_id_r=max(obs_id(*r) for r in records),
            tier=1,
            rule="id_number",
            levels="name=4",
            weight=18.2,
            probability=0.9995,
            model_hash="m",
            accepted=True,
        )
        self.add(
            "case_events",
            case_id=case,
            version=1,
            night=NIGHT,
            event="raised",
            state_after="raised",
            actor="rollcall",
            reason="raised tonight",
            finding_id=finding,
        )

    def _source(self, source: str) -> None:
        rows = len(self.rows.get(f"rec_{source}", []))
        delivery = f"{source}-20260103-3-0badcafe"
        self.add(
            "horizons",
            source=source,
            began=date(2016, 1, 1),
            delivered_through=NIGHT,
            reporting_lag_days=1,
            horizon=NIGHT - timedelta(days=1),
            stale_days=0,
        )
        self.add(f"deliveries_{source}", delivery_id=delivery, source=source, business_date=NIGHT, sequence=3, status="accepted", mode="full")
        self.add(
            f"ledger_{source}",
            delivery_id=delivery,
            source=source,
            business_date=NIGHT,
            sequence=3,
            mode="full",
            status="applied",
            night=NIGHT,
            delivered=rows + 2,
            new=rows,
            changed=0,
            unchanged=0,
            quarantined=1,
            exact_duplicates=1,
            live_before=0,
            opened=rows,
            closed=0,
            live_after=rows,
            owner=source,
        )
        self.add(
            f"quarantine_{source}",
            source=source,
            delivery_id=delivery,
            file=f"{source}.csv",
            row_number=rows + 1,
            rule="Q-POL-001",
            column="key",
            severity="critical",
            owner=source,
        )

    def night_before(self) -> "World":
        """What the night before left: a case since corrected, one reopened since, its trend and ledger."""
        gone = {
            "code": "D01",
            "severity": "high",
            "owner": "police",
            "person_ids": ["P000000000001"],
            "confidence": 0.9,
            "subject_key": "s",
            "escalation": 0,
            "version": 1,
        }
        rows: Iterable[tuple[str, str, str | None]] = (("Cfixed", "closed", "corrected_at_source"), ("Cours", "closed", "wrong_link"))
        for case, state, outcome in rows:
            shared = {**gone, "case_id": case, "finding_id": f"F{case}", "records": [], "opened_on": NIGHT - timedelta(days=9)}
            self.add("cases", state=state, outcome=outcome, closed_on=NIGHT, **shared)
            self.add("previous.cases", state="referred", **shared)
        again = {
            **gone,
            "case_id": "Cagain",
            "finding_id": "Fagain",
            "records": [{"source": "police", "record_key": "880100000001", "role": "self"}],
            "opened_on": date(2025, 6, 1),
        }
        self.add("cases", state="reopened", **again)
        self.add("previous.cases", state="closed", outcome="corrected_at_source", closed_on=date(2025, 7, 1), **again)
        for back in range(12, 0, -1):
            for measure, value in {
                "persons": self.people,
                "findings": 20 + back,
                "cases_open": 18 + back,
                "cases_new": back % 4,
                "cases_fixed": back % 3,
                "cases_reopened": back % 2,
            }.items():
                self.add("previous.trend", night=NIGHT - timedelta(days=back), measure=measure, member="", value=float(value))
        self.add(
            "previous.ledger",
            delivery_id="police-20260102-2-0badcafe",
            source="police",
            business_date=NIGHT - timedelta(days=1),
            sequence=2,
            mode="delta",
            status="applied",
            night=NIGHT - timedelta(days=1),
            delivered=1,
            new=1,
            changed=0,
            unchanged=0,
            quarantined=0,
            exact_duplicates=0,
            live_before=0,
            opened=1,
            closed=0,
            live_after=1,
            owner="police",
        )
        return self

    def context(self, folder: Path) -> StepContext:
        """Everything written as Parquet, and the context of the step publish."""
        inputs, con = {}, connect()
        plan = deployment()
        for name in READS:
            table = TABLES[name.removeprefix("previous.")]
            members = [f"{name}_{s}" for s in plan.sources] if table.family and not name.startswith("previous.") else [name]
            for member in members:
                inputs[member] = _written(self.rows.get(member, []), table, folder / "in" / f"{member}.parquet", con)
        con.close()
        out = folder / "out"
        out.mkdir(parents=True)
        pin = RunPin(NIGHT, "R20260103-deadbeef", "V20260102-00000000", "c" * 64, "0.1.0+abc")
        return StepContext(run=pin, deployment=plan, inputs=inputs, outputs=out, declared=frozenset(WRITES), connect=connect)


def _written(rows: list[dict[str, Any]], table: Table, path: Path, con: duckdb.DuckDBPyConnection) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if rows:
        write_frame(pd.DataFrame(rows), table, path, con)
    else:
        empty(table, path, con)
    return path
