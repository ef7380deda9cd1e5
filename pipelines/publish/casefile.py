"""A case as a reader meets it: its rows side by side, masked, with differences marked; the people's lives; links and tests in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import duckdb

from pipelines.publish.edition import Edition
from pipelines.publish.masking import Mask, Value
from pipelines.publish.records import COMPARED, Record, side_by_side
from pipelines.publish.statements import Event, events, facts
from pipelines.publish.summary import Row, query, rows


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

    @property
    def several(self) -> bool:
        """The records speak of more than one person."""
        return len({record.person for record in self.records}) > 1

    def attributes(self) -> list[tuple[str, bool, list[Value]]]:
        """Side by side: each attribute that some record has, whether it differs, and every record's value."""
        sides = [(name, [record.values.get(name, Value()) for record in self.records]) for name, _, _ in COMPARED]
        return [(name, any(v.differs for v in values), values) for name, values in sides if any(v.segments for v in values)]


@dataclass(frozen=True)
class Depth:
    """How many of the cases asked for get their records, and how many the lives of their people; null = all."""

    records: int | None = None
    lives: int | None = None


def case_files(edition: Edition, con: duckdb.DuckDBPyConnection, mask: Mask, case_ids: Sequence[str], depth: Depth | None = None) -> list[CaseFile]:
    """The case files of ``case_ids``, in their order; ``con`` is from :meth:`Edition.open`."""
    con.execute("CREATE OR REPLACE TEMP TABLE chosen AS SELECT unnest(?) AS case_id, generate_subscripts(?, 1) AS position", [list(case_ids)] * 2)
    found = rows(con, query("case_rows"))
    members = con.execute(query("case_records"), [(depth and depth.records) or len(case_ids)]).df()
    lives = con.execute(query("case_lives"), [(depth and depth.lives) or len(case_ids)]).fetchall()
    sources = edition.deployment.sources
    own = facts(con, sources, list(zip(members["source"], members["record_key"], strict=True)))
    dated = events(con, sources, [(source, key) for _, _, source, key, _ in lives])
    records = side_by_side(members, mask, own)
    life = _lives(lives, dated)
    return [
        CaseFile(
            case=case,
            records=records.get(case["case_id"], ()),
            life=life.get(case["case_id"], ()),
            dates=_json(case["dates"], {}),
            links=_once(_json(case["links"], [])),
            tested=tuple(_json(case["tested"], [])),
        )
        for case in found
    ]


def _json(text: str | None, nothing: Any) -> Any:
    """A JSON column; a mapping where a list is expected becomes its pairs."""
    found = json.loads(text) if text else nothing
    if isinstance(nothing, list) and isinstance(found, dict):
        return [{"name": key, "outcome": value} for key, value in found.items()]
    return found if found is not None else nothing


def _once(links: list[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Each pair of records once, whichever side it is told from."""
    pairs = {frozenset((_side(link, ""), _side(link, "other_"))): link for link in reversed(links)}
    return tuple(reversed(pairs.values()))


def _side(link: Mapping[str, Any], side: str) -> tuple[Any, ...]:
    return tuple(link.get(f"{side}{name}") for name in ("source", "record_key", "role"))


def _lives(lives: list[tuple[Any, ...]], dated: Mapping[tuple[str, str], tuple[Event, ...]]) -> dict[str, tuple[LifeEvent, ...]]:
    """Per case, the events of its people's records in order of time; an event said twice by one register stands once."""
    found: dict[str, tuple[LifeEvent, ...]] = {}
    for case_id, members in groupby(lives, key=lambda row: row[0]):
        seen = {LifeEvent(person, role, event) for _, person, source, key, role in members for event in dated.get((source, key), ())}
        found[case_id] = tuple(sorted(seen, key=lambda e: (e.event.first, e.event.source, e.event.record_key, e.event.heading, e.person, e.role)))
    return found
