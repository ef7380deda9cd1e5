"""The engine for one machine: the model compiled to SQL, on DuckDB, with bounded memory.

Reads Parquet without bringing it into Python. Text in other scripts than ASCII is compared by code point through
rapidfuzz (DuckDB's own functions count bytes); ASCII text uses the database's functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import numpy as np
import pyarrow as pa
from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler, Levenshtein
from rapidfuzz.process import cpdist

from matching.engines.session import SqlEngine
from matching.engines.sql import Dialect, quoted
from matching.tables import Table, as_arrow, is_path

FUNCTIONS: dict[str, tuple[Callable[..., Any], Any, str]] = {
    "codepoint_levenshtein": (Levenshtein.distance, np.int32, "INTEGER"),
    "codepoint_damerau": (DamerauLevenshtein.distance, np.int32, "INTEGER"),
    "codepoint_jaro_winkler": (JaroWinkler.similarity, np.float64, "DOUBLE"),
}
"""Functions given to the database: scorer, type of numpy, type of SQL."""

UNSOUND = "common_subplan"
"""An optimiser of DuckDB 2.0.0 that takes branches of a UNION ALL that differ only in the columns they give for one and the
same: wrong rows, no error. Blocking rules are such branches."""

IS_ASCII = "strlen({0}) = length({0})"
"""As many bytes as characters."""


def dialect(ascii_columns: frozenset[str], suffix: str) -> Dialect:
    """DuckDB's way; its own distances where both texts are ASCII, else our functions of this session."""

    def measure(own: str, ours: str, column: str, a: str, b: str) -> str:
        native = f"{own}({a}, {b})"
        if column in ascii_columns:
            return native
        return f"case when {IS_ASCII.format(a)} and {IS_ASCII.format(b)} then {native} else {ours}{suffix}({a}, {b}) end"

    def edits(own: str, ours: str, *, exchange: bool) -> Callable[[str, str, str, int], str]:
        def test(column: str, a: str, b: str, most: int) -> str:
            near = _may_be_near(a, b, most, exchange=exchange, is_ascii=column in ascii_columns)
            return f"({near} and {measure(own, ours, column, a, b)} <= {most})"

        return test

    def alike(column: str, a: str, b: str, least: float) -> str:
        # DuckDB gives two empty texts a similarity of 0
        similarity = measure("jaro_winkler_similarity", "codepoint_jaro_winkler", column, a, b)
        return f"({a} = {b} or {similarity} >= {least!r})"

    return Dialect(
        name="duckdb",
        text="cast({0} as varchar)",
        levenshtein=edits("levenshtein", "codepoint_levenshtein", exchange=False),
        damerau=edits("damerau_levenshtein", "codepoint_damerau", exchange=True),
        jaro_winkler=alike,
        days_between="({0} - {1})",
        date="case when regexp_full_match({0}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') and {0} >= '0001' then try_cast({0} as date) end",
        words="list_sort(list_distinct(list_filter(string_split({0}, ' '), lambda x: x <> '')))",
        shared="len(list_intersect({0}, {1}))",
        explode="unnest({0})",
        once="materialized",
        is_ascii=IS_ASCII,
        hashed="hash({0})",
        signs=True,
    )


def _may_be_near(a: str, b: str, most: int, *, exchange: bool, is_ascii: bool) -> str:
    """What texts at most so many edits apart have in common, and is cheap to see; most pairs end here. `exchange`: two
    neighbours changing places is one edit.

    One edit leaves the first or the last character alone, but in the shortest texts. In texts of one length it changes one
    character, or two.
    """
    size = "strlen" if is_ascii else "length"
    if most != 1:
        return f"abs({size}({a}) - {size}({b})) <= {most}"
    short = 2 if exchange else 1
    ends = f"left({a}, 1) = left({b}, 1) or right({a}, 1) = right({b}, 1) or {size}({a}) <= {short} or {size}({b}) <= {short}"
    if is_ascii:
        other = f"abs(strlen({a}) - strlen({b})) = 1 and ({ends})"
        return f"case when {a} = {b} then true when strlen({a}) = strlen({b}) then hamming({a}, {b}) <= {short} else {other} end"
    return f"abs(length({a}) - length({b})) <= 1 and ({ends})"


class Cursor:
    """`matching.engines.session.Database` on a cursor of its own, whose temporary tables end with it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, suffix: str) -> None:
        self.cursor, self._suffix = cursor, suffix

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return list(self.cursor.execute(sql).fetchall())

    def keep(self, name: str, sql: str) -> None:
        self.cursor.execute(f"create or replace temp table {name} as {sql}")

    def view(self, name: str, sql: str) -> None:
        self.cursor.execute(f"create or replace temp view {name} as {sql}")

    def drop(self, name: str) -> None:
        self.cursor.execute(f"drop table {name}")

    def arrow(self, sql: str) -> pa.Table:
        return self.cursor.sql(sql).to_arrow_table()

    def source(self, name: str, table: Table) -> str:
        if isinstance(table, str | Path):
            text = str(table)
            return f"read_parquet('{text.replace(chr(39), chr(39) * 2)}')" if is_path(text) else quoted(text)
        self.cursor.register(name, as_arrow(table))
        return name

    def kinds(self, source: str) -> dict[str, str]:
        return {str(row[0]): str(row[1]) for row in self.rows(f"describe from {source}")}

    def dialect(self, ascii_columns: frozenset[str]) -> Dialect:
        return dialect(ascii_columns, self._suffix)


def _sound(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The connection, with the unsound optimiser off in its database."""
    [(disabled,)] = connection.execute("select current_setting('disabled_optimizers')").fetchall()
    if UNSOUND not in str(disabled).split(","):
        connection.execute(f"set disabled_optimizers = '{','.join(name for name in (disabled, UNSOUND) if name)}'")
    return connection


class DuckDBEngine(SqlEngine):
    """`matching.engines.base.Engine` on DuckDB.

    `connection`: work in this database, with its limits (tables may then also be given by their name in it; the optimiser
    `common_subplan` is switched off in it, so a database whose configuration is locked must be opened that way). Else a
    database in memory is made, with `memory_limit` (such as "4GB"), `threads` and `temp_directory` to spill to.
    """

    name = "duckdb"

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection | None = None,
        *,
        memory_limit: str | None = None,
        threads: int | None = None,
        temp_directory: str | None = None,
    ) -> None:
        options = {"memory_limit": memory_limit, "threads": threads, "temp_directory": temp_directory, "disabled_optimizers": UNSOUND}
        config: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
        self._connection = duckdb.connect(config=config) if connection is None else _sound(connection)

    @contextmanager
    def open(self) -> Iterator[Cursor]:
        """A cursor with our functions, under names of its own.

        Functions belong to the connection that made them: one that outlives it, found by another, would crash the process.
        """
        cursor, suffix = self._connection.cursor(), f"_{uuid4().hex}"
        try:
            for name, (scorer, dtype, kind) in FUNCTIONS.items():
                parameters: list[Any] = ["VARCHAR", "VARCHAR"]
                arrow: Any = "arrow"
                cursor.create_function(name + suffix, _vectorised(scorer, dtype), parameters, kind, type=arrow)
            yield Cursor(cursor, suffix)
            for name in FUNCTIONS:
                cursor.remove_function(name + suffix)
        finally:
            cursor.close()


def _vectorised(scorer: Callable[..., Any], dtype: Any) -> Callable[[Any, Any], Any]:
    def distance(a: Any, b: Any) -> Any:
        return pa.array(cpdist(a.to_pylist(), b.to_pylist(), scorer=scorer, dtype=dtype))

    return distance
