"""A case as a reader meets it: its rows side by side, masked, with differences marked; the people's lives; links and tests in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipelines.publish.edition import Edition
from pipelines.publish.masking import Mask, Value, compare, month
from pipelines.publish.statements import Event, Fact, events, facts
from pipelines.publish.summary import Row, plain, rows

SQL = Path(__file__).parent / "figures"

COMPARED = (
    ("name", "name_fold", "names"),
    ("former_name", "former_name_fold", "names"),
    ("sex", "sex", ""),
    ("birth_date", "birth_date", "month"),
    ("number", "number", "numbers"),
    ("old_id_number", "old_id_number", "numbers"),
    ("mother_id", "mother_id", "numbers"),
    ("father_id", "father_id", "numbers"),
    ("spouse_id", "spouse_id", "numbers"),
    ("division", "division", "place"),
    ("address", "address_key", "address"),
)
"""Attributes shown side by side: the attribute, what two records are compared by, and how it is masked."""


@dataclass(frozen=True)
class Record:
    """One record of a case. ``values`` by attribute; ``person`` numbers the case's people from 1 (0 = of no person)."""

    source: str
    key: str
    role: str
    person: int
    live: bool
    delivery_id: str
    file: str
    row_number: int
    changed_on: str
    id_kind: str
    id_reasons: str
    values: Mapping[str, Value]
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class LifeEvent:
    """An event of a life, dated by one register; ``person`` numbers the case's people from 1."""

    person: int
    role: str
    event: Event


@dataclass(frozen=True)
class CaseFile:
    """A case with everything that a page about it shows. ``case`` holds the columns of ``case_rows.sql``."""

    case: Row
    records: tuple[Record, ...]
    life: tuple[LifeEvent, ...]
    dates: Mapping[str, Any]
    links: tuple[Any, ...]
    tested: tuple[Any, ...]


def case_files(edition: Edition, con: duckdb.DuckDBPyConnection, mask: Mask, case_ids: Sequence[str]) -> list[CaseFile]:
    """The case files of ``case_ids``, in their order; ``con`` is from :meth:`Edition.open`."""
    con.execute("CREATE OR REPLACE TEMP TABLE chosen AS SELECT unnest(?) AS case_id, generate_subscripts(?, 1) AS position", [list(case_ids)] * 2)
    found = rows(con, _sql("case_rows"))
    members = con.execute(_sql("case_records")).df()
    lives = con.execute(_sql("case_lives")).fetchall()
    sources = edition.deployment.sources
    own = facts(con, sources, list(zip(members["source"], members["record_key"], strict=True)))
    dated = events(con, sources, [(source, key) for _, _, source, key, _ in lives])
    records = _records(members, mask, own)
    life = _lives(lives, dated)
    return [
        CaseFile(
            case=case,
            records=records.get(case["case_id"], ()),
            life=life.get(case["case_id"], ()),
            dates=_json(case["dates"], {}),
            links=tuple(_json(case["links"], [])),
            tested=tuple(_json(case["tested"], [])),
        )
        for case in found
    ]


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _json(text: str | None, nothing: Any) -> Any:
    """A JSON column; a mapping where a list is expected becomes its pairs."""
    found = json.loads(text) if text else nothing
    if isinstance(nothing, list) and isinstance(found, dict):
        return [{"name": key, "outcome": value} for key, value in found.items()]
    return found if found is not None else nothing


def _lives(lives: list[tuple[Any, ...]], dated: Mapping[tuple[str, str], tuple[Event, ...]]) -> dict[str, tuple[LifeEvent, ...]]:
    """Per case, the events of its people's records in order of time; an event said twice by one register stands once."""
    found: dict[str, tuple[LifeEvent, ...]] = {}
    for case_id, members in groupby(lives, key=lambda row: row[0]):
        seen = {LifeEvent(person, role, event) for _, person, source, key, role in members for event in dated.get((source, key), ())}
        found[case_id] = tuple(sorted(seen, key=lambda e: (e.event.first, e.event.source, e.event.record_key, e.event.heading, e.person, e.role)))
    return found


def _records(members: pd.DataFrame, mask: Mask, own: Mapping[tuple[str, str], tuple[Fact, ...]]) -> dict[str, tuple[Record, ...]]:
    shown = _masked(members, mask)
    keys = mask.keys(members["record_key"])
    found: dict[str, list[Record]] = {}
    full = {name: _texts(members[name]) for name in {n for pair in COMPARED for n in pair[:2]}}
    for (case_id, _), index in members.groupby(["case_id", "person"], sort=False).indices.items():
        values = {name: compare([full[name][i] for i in index], [shown[name][i] for i in index], [full[by][i] for i in index]) for name, by, _ in COMPARED}
        for place, i in enumerate(index):
            row = members.iloc[i]
            found.setdefault(str(case_id), []).append(
                Record(
                    source=row["source"],
                    key=keys.iloc[i],
                    role=row["role"],
                    person=int(row["person"]),
                    live=bool(row["live"]),
                    delivery_id=row["delivery_id"],
                    file=row["file"],
                    row_number=int(row["row_number"]),
                    changed_on=str(plain(row["changed_on"].date())),
                    id_kind=row["id_kind"] or "",
                    id_reasons=row["id_reasons"] or "",
                    values={name: listed[place] for name, listed in values.items()},
                    facts=own.get((row["source"], row["record_key"]), ()),
                )
            )
    return {case_id: tuple(listed) for case_id, listed in found.items()}


def _masked(members: pd.DataFrame, mask: Mask) -> dict[str, list[str | None]]:
    """Every compared attribute as a reader may see it."""
    ways = {
        "": _texts,
        "names": lambda raw: _texts(mask.names(raw)),
        "numbers": lambda raw: _texts(mask.numbers(raw)),
        "month": lambda raw: [month(text) for text in _texts(raw)],
        "place": lambda raw: [mask.place(code) or None for code in _texts(raw)],
        "address": lambda raw: [None if text is None else "····" for text in _texts(raw)],
    }
    return {name: ways[how](members[name]) for name, _, how in COMPARED}


def _texts(column: pd.Series) -> list[str | None]:
    """A column as text: dates ISO, blanks null."""
    if column.dtype.kind == "M":
        return [None if pd.isna(day) else day.date().isoformat() for day in column]
    return [None if pd.isna(value) or value == "" else str(value) for value in column]
