"""Cells to typed values by the country pack, on distinct values: one small table per kind of column, joined back in SQL."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from pipelines.locales import CountryPack
from pipelines.settings import ColumnConfig

AT_ONCE = 200_000
"""Distinct values parsed at a time, so that memory doesn't grow with the register."""

WIDE = "０１２３４５６７８９ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ－／．"
ANY_WIDE = f"[{min(WIDE)}-{max(WIDE)}]"
"""Asked first: translating takes ten times as long as looking."""
NARROW = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-/."


@dataclass(frozen=True)
class Kind:
    """Columns that are parsed alike: a key of PARSERS and the declared date forms."""

    type: str
    forms: tuple[str, ...] = ()

    @staticmethod
    def of(column: ColumnConfig) -> "Kind | None":
        """The kind of a column; null when its type needs no country pack."""
        name = "date" if column.type in {"datetime", "month"} else column.type
        return Kind(name, column.forms) if name in PARSERS else None


@dataclass(frozen=True)
class Parser:
    """How a type is parsed: the answer's columns with their SQL types, and the country pack's method."""

    columns: Mapping[str, str]
    parse: Callable[[CountryPack, pd.Series, tuple[str, ...], date], pd.DataFrame]


def _name(pack: CountryPack, raw: pd.Series, _forms: tuple[str, ...], _night: date) -> pd.DataFrame:
    return pack.names.standardise(raw).rename(columns={"name": "value", "name_fold": "fold", "name_sound": "sound", "name_kind": "kind"})


def _number(pack: CountryPack, raw: pd.Series, _forms: tuple[str, ...], night: date) -> pd.DataFrame:
    return pack.numbers.parse(raw, as_of=night).rename(columns={"number": "value"})


def _date(pack: CountryPack, raw: pd.Series, forms: tuple[str, ...], _night: date) -> pd.DataFrame:
    return pack.dates.parse(raw, forms or None).rename(columns={"date": "value"})


def _address(pack: CountryPack, raw: pd.Series, _forms: tuple[str, ...], _night: date) -> pd.DataFrame:
    return pack.places.parse(raw).rename(columns={"address": "value", "address_key": "key"})


def _division(pack: CountryPack, raw: pd.Series, _forms: tuple[str, ...], _night: date) -> pd.DataFrame:
    return pd.DataFrame({"value": pack.places.division(raw)})


def _sex(pack: CountryPack, raw: pd.Series, _forms: tuple[str, ...], _night: date) -> pd.DataFrame:
    return pd.DataFrame({"value": pack.sex.parse(raw)})


V = "VARCHAR"
ARROW = {V: pa.string(), "DATE": pa.timestamp("s"), "BOOLEAN": pa.bool_()}
PARSERS: Mapping[str, Parser] = {
    "name": Parser({"value": V, "fold": V, "sound": V, "kind": V}, _name),
    "id_number": Parser({"value": V, "kind": V, "valid": "BOOLEAN", "reasons": V}, _number),
    "date": Parser({"value": "DATE", "precision": V, "kind": V}, _date),
    "address": Parser({"value": V, "key": V, "division": V}, _address),
    "division": Parser({"value": V}, _division),
    "sex": Parser({"value": V}, _sex),
}


def parse_cells(con: duckdb.DuckDBPyConnection, pack: CountryPack, kind: Kind, cells: str, night: date, into: str) -> None:
    """Make the temporary table ``into`` (``raw`` and the parser's columns) from the distinct texts of the query ``cells``."""
    parser = PARSERS[kind.type]
    ddl = ", ".join(f'"{name}" {sql_type}' for name, sql_type in {"raw": V, **parser.columns}.items())
    con.execute(f"CREATE OR REPLACE TEMP TABLE {into} ({ddl})")
    for raw in _chunks(con, cells):
        _fill(con, into, parser, raw, parser.parse(pack, raw.to_pandas(), kind.forms, night))


def _fill(con: duckdb.DuckDBPyConnection, table: str, parser: Parser, raw: pa.ChunkedArray, answer: pd.DataFrame) -> None:
    """Append parsed values. Arrow carries the types, so that a chunk of nulls is no surprise."""
    columns: dict[str, Any] = {"raw": raw}
    for name, kind in parser.columns.items():
        columns[name] = pa.Array.from_pandas(answer[name].to_numpy(), type=ARROW[kind])
    con.register("answer", pa.table(columns))
    con.execute(f"INSERT INTO {table} SELECT * FROM answer")
    con.unregister("answer")


def _chunks(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pa.ChunkedArray]:
    con.execute(f"CREATE OR REPLACE TEMP TABLE cells AS SELECT DISTINCT raw FROM ({sql})")
    [(count,)] = con.execute("SELECT count(*) FROM cells").fetchall()
    for start in range(0, count, AT_ONCE):
        yield con.sql(f"SELECT raw FROM cells WHERE rowid >= {start} AND rowid < {start + AT_ONCE}").to_arrow_table()["raw"]


def text_sql(cell: str) -> str:
    """A cell as clean text: white space around it gone, full-width letters and digits narrow, blank = null."""
    plain = f"strlen({cell}) = length({cell}) OR NOT regexp_matches({cell}, '{ANY_WIDE}')"
    narrow = f"CASE WHEN {plain} THEN {cell} ELSE translate({cell}, '{WIDE}', '{NARROW}') END"
    return f"nullif(trim({narrow}, ' \t\r\n\u3000\ufeff'), '')"


def values_sql(cell: str, values: Mapping[str, str | bool]) -> str:
    """A code by the source file's value list; what is not on it is null."""
    if not values:
        return "NULL"
    pairs = " ".join(f"WHEN '{_escaped(k)}' THEN {_literal(v)}" for k, v in values.items())
    return f"CASE {text_sql(cell)} {pairs} END"


def _literal(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"'{_escaped(str(value))}'"


def _escaped(text: str) -> str:
    return text.replace("'", "''")
