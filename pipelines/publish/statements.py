"""What registers say about a record besides who it is: its own codes and amounts, and the dated events of a life.

Both come from ``rec`` and from nothing but the source's configuration, so that a tenth source needs no code here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.publish.summary import plain
from pipelines.settings import ColumnConfig, SourceConfig

FACT_TYPES = ("code", "bool", "int", "decimal")
EVENT_TYPES = ("date", "datetime", "month")


@dataclass(frozen=True)
class Fact:
    """One of a register's own statements: its heading and value."""

    source: str
    heading: str
    value: str | int | float | bool


@dataclass(frozen=True)
class Event:
    """A dated statement of a record. ``last`` differs from ``first`` when ``count`` rows of the record give several dates."""

    source: str
    record_key: str
    heading: str
    first: str
    last: str
    count: int
    birth: bool


Keys = Sequence[tuple[str, str]]
"""(source, record_key)."""


def facts(con: duckdb.DuckDBPyConnection, sources: Mapping[str, SourceConfig], keys: Keys) -> dict[tuple[str, str], tuple[Fact, ...]]:
    """The latest statements of each record: coded values, yes or no, counts, amounts. Texts, names and numbers stay out."""
    found: dict[tuple[str, str], tuple[Fact, ...]] = {}
    for source, config, wanted in _by_source(sources, keys):
        headings = _known(con, config, [h for h, c in config.columns.items() if c.type in FACT_TYPES])
        if not headings:
            continue
        columns = ", ".join(f'max_by("{config.columns[h].name}", row_key)' for h in headings)
        sql = f'SELECT record_key, {columns} FROM "rec_{source}" SEMI JOIN (SELECT unnest(?) AS record_key) USING (record_key) GROUP BY record_key'
        for key, *values in con.execute(sql, [wanted]).fetchall():
            said = zip(headings, values, strict=True)
            found[source, key] = tuple(Fact(source, heading, plain(value)) for heading, value in said if value is not None)
    return found


def events(con: duckdb.DuckDBPyConnection, sources: Mapping[str, SourceConfig], keys: Keys) -> dict[tuple[str, str], tuple[Event, ...]]:
    """The dated events of each record, in order of time. Nobody else's birth date is among them."""
    found: dict[tuple[str, str], tuple[Event, ...]] = {}
    for source, config, wanted in _by_source(sources, keys):
        headings = _known(con, config, _event_headings(config))
        if not headings:
            continue
        births = {column for role in config.roles.values() for attribute, column in role.items() if attribute == "birth_date"}
        names = [config.columns[h].name for h in headings]
        columns = ", ".join(f'min("{n}"), max("{n}"), count(DISTINCT "{n}")' for n in names)
        sql = f'SELECT record_key, {columns} FROM "rec_{source}" SEMI JOIN (SELECT unnest(?) AS record_key) USING (record_key) GROUP BY record_key'
        for key, *values in con.execute(sql, [wanted]).fetchall():
            dated = zip(headings, names, values[0::3], values[1::3], values[2::3], strict=True)
            listed = [
                Event(source, key, h, _day(first, config.columns[h]), _day(last, config.columns[h]), count, name in births)
                for h, name, first, last, count in dated
                if first is not None
            ]
            found[source, key] = tuple(sorted(listed, key=lambda event: (event.first, event.heading)))
    return found


def _event_headings(config: SourceConfig) -> list[str]:
    """Date columns that tell of a life. A datetime tells of a row unless a role calls it its event; a second side's birth date is that person's."""
    dated = {column for role in config.roles.values() for attribute, column in role.items() if attribute == "event_date"}
    births = {column for role in config.roles.values() for attribute, column in role.items() if attribute == "birth_date"}
    several = len(config.roles) > 1
    return [
        heading
        for heading, column in config.columns.items()
        if column.type in EVENT_TYPES
        and (column.type != "datetime" or column.name in dated)
        and (column.name not in births or column.name in dated or not several)
    ]


def _day(value: date, column: ColumnConfig) -> str:
    """ISO text; a month without its day."""
    return value.isoformat()[: 7 if column.type == "month" else 10]


def _by_source(sources: Mapping[str, SourceConfig], keys: Keys) -> list[tuple[str, SourceConfig, list[str]]]:
    wanted: dict[str, set[str]] = {}
    for source, key in keys:
        wanted.setdefault(source, set()).add(key)
    return [(source, sources[source], sorted(wanted[source])) for source in sorted(wanted) if source in sources]


def _known(con: duckdb.DuckDBPyConnection, config: SourceConfig, headings: list[str]) -> list[str]:
    """Headings whose column the register has (an empty register has only the contract's)."""
    there = {row[0] for row in con.execute(f'DESCRIBE "rec_{config.source}"').fetchall()}
    return [heading for heading in headings if config.columns[heading].name in there]
