"""Delivered rows as typed rows: the canonical columns of a source, by heading and type."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import duckdb

from pipelines.locales import CountryPack
from pipelines.settings import ColumnConfig, SourceConfig
from pipelines.standardise.parsing import Kind, parse_cells, text_sql, values_sql
from pipelines.storage.frames import scan

HEAD = ("row_key", "record_key", "row_hash", "delivery_id", "file", "row_number", "first_seen", "changed_on", "closed_on")
FURTHER: Mapping[str, Mapping[str, str]] = {
    "id_number": {"kind": "coalesce({p}.kind, 'blank')", "valid": "coalesce({p}.valid, false)", "reasons": "{p}.reasons"},
    "address": {"key": "{p}.key", "division": "{p}.division"},
    "date": {"precision": "{p}.precision", "kind": "coalesce({p}.kind, 'blank')"},
}
"""Companions of a column, ``<column>_<word>``; those of dates only where they feed a role's birth date."""


def make_typed(con: duckdb.DuckDBPyConnection, source: SourceConfig, pack: CountryPack, good: Path, night: date) -> dict[Kind, str]:
    """Make the temporary view ``typed``: the fresh rows of ``state`` with HEAD and the source's canonical columns.

    Values are parsed once per distinct cell of a kind. Returns the table of parsed cells of each kind (``raw``, ``value`` and companions).
    """
    cells = ", ".join(f'g."{heading}"' for heading in source.columns)
    head = ", ".join(f"s.{name}" for name in HEAD)
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE fresh AS SELECT {head}, {cells}
            FROM (SELECT * FROM state WHERE fresh) s JOIN {scan(good)} g USING (delivery_id, file, row_number)"""
    )
    tables: dict[Kind, str] = {}
    for kind in dict.fromkeys(filter(None, map(Kind.of, source.columns.values()))):
        tables[kind] = f"parsed_{len(tables)}"
        same = [h for h, c in source.columns.items() if Kind.of(c) == kind]
        query = " UNION ALL ".join(f'SELECT "{h}" AS raw FROM fresh WHERE "{h}" IS NOT NULL' for h in same)
        parse_cells(con, pack, kind, query, night, tables[kind])
    con.execute(f"CREATE OR REPLACE TEMP VIEW typed AS {_typed_sql(source, tables)}")
    return tables


def canonical_columns(source: SourceConfig) -> list[str]:
    """Names of the columns that follow HEAD, companions included."""
    births = birth_columns(source)
    return [name for column in source.columns.values() for name in (column.name, *(f"{column.name}_{w}" for w in _companions(column, births)))]


def birth_columns(source: SourceConfig) -> set[str]:
    """Columns that feed a role's birth date."""
    return {c for role in source.roles.values() for attribute, c in role.items() if attribute == "birth_date" and isinstance(c, str)}


def _companions(column: ColumnConfig, births: set[str]) -> Mapping[str, str]:
    kind = Kind.of(column)
    if kind is None or (kind.type == "date" and column.name not in births):
        return {}
    return FURTHER.get(kind.type, {})


def _typed_sql(source: SourceConfig, tables: Mapping[Kind, str]) -> str:
    births = birth_columns(source)
    columns, joins = [f"f.{name}" for name in HEAD], []
    for number, (heading, column) in enumerate(source.columns.items()):
        kind, alias = Kind.of(column), f"p{number}"
        if kind is None:
            columns.append(f'{_plain(column, heading)} AS "{column.name}"')
            continue
        joins.append(f'LEFT JOIN {tables[kind]} {alias} ON f."{heading}" = {alias}.raw')
        columns.append(f'{alias}.value AS "{column.name}"')
        columns += [f'{sql.format(p=alias)} AS "{column.name}_{word}"' for word, sql in _companions(column, births).items()]
    return f"SELECT {', '.join(columns)} FROM fresh f {' '.join(joins)}"


def _plain(column: ColumnConfig, heading: str) -> str:
    """A column that needs no country pack."""
    cell = f'f."{heading}"'
    if column.type == "int":
        return f"TRY_CAST({text_sql(cell)} AS BIGINT)"
    if column.type == "decimal":
        return f"TRY_CAST({text_sql(cell)} AS DECIMAL(14, 2))"
    if column.type in {"code", "bool"}:
        return f"CAST({values_sql(cell, column.values)} AS {'BOOLEAN' if column.type == 'bool' else 'VARCHAR'})"
    return text_sql(cell)
