"""The engine for one machine: the model compiled to SQL, on DuckDB, with bounded memory.

Reads Parquet without bringing it into Python. Text in other scripts than ASCII is compared by code point through
rapidfuzz (DuckDB's own functions count bytes); ASCII columns use the database's functions.
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

from matching.block import Capped
from matching.engines.base import Blocked, Call, Frequencies, Scored
from matching.engines.pairs_sql import Rule, hot_sql, pairs_sql, rules_of
from matching.engines.sql import (
    Dialect,
    Names,
    forms,
    frequency_sql,
    fuzzy_columns,
    level_sql,
    probability_sql,
    quoted,
    total_sql,
)
from matching.model import LinkageModel
from matching.score import frequency_column, least_weight, level_column
from matching.tables import Table, as_arrow, check_columns, wanted_columns

FUNCTIONS: dict[str, tuple[Callable[..., Any], Any, str]] = {
    "codepoint_levenshtein": (Levenshtein.distance, np.int32, "INTEGER"),
    "codepoint_damerau": (DamerauLevenshtein.distance, np.int32, "INTEGER"),
    "codepoint_jaro_winkler": (JaroWinkler.similarity, np.float64, "DOUBLE"),
}
"""Functions given to the database: scorer, type of numpy, type of SQL."""


def dialect(ascii_columns: frozenset[str], suffix: str) -> Dialect:
    """DuckDB's way; its own distances where a column holds ASCII only, else our functions of this session."""

    def function(own: str, ours: str) -> Callable[[str], str]:
        return lambda column: own if column in ascii_columns else ours + suffix

    levenshtein = function("levenshtein", "codepoint_levenshtein")
    damerau = function("damerau_levenshtein", "codepoint_damerau")
    winkler = function("jaro_winkler_similarity", "codepoint_jaro_winkler")

    def near(name: str, a: str, b: str, most: int) -> str:
        return f"(abs(length({a}) - length({b})) <= {most} and {name}({a}, {b}) <= {most})"

    return Dialect(
        name="duckdb",
        text="cast({0} as varchar)",
        levenshtein=lambda column, a, b, most: near(levenshtein(column), a, b, most),
        damerau=lambda column, a, b, most: near(damerau(column), a, b, most),
        jaro_winkler=lambda column, a, b, least: f"({a} = {b} or {winkler(column)}({a}, {b}) >= {least!r})",
        days_between="({0} - {1})",
        date="case when regexp_full_match({0}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') and {0} >= '0001' then try_cast({0} as date) end",
        words="list_sort(list_distinct(list_filter(string_split({0}, ' '), lambda x: x <> '')))",
        shared="len(list_intersect({0}, {1}))",
        any_shared="list_has_any({0}, {1})",
        unnest="unnest({0})",
        contains="contains({0}, {1})",
    )


def _vectorised(scorer: Callable[..., Any], dtype: Any) -> Callable[[Any, Any], Any]:
    def distance(a: Any, b: Any) -> Any:
        return pa.array(cpdist(a.to_pylist(), b.to_pylist(), scorer=scorer, dtype=dtype))

    return distance


@contextmanager
def _functions(cursor: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Give the database our functions, under names of this session; yields what the names end with.

    They belong to the connection that made them: one that outlives it, found by another, would crash the process.
    """
    suffix = f"_{uuid4().hex}"
    for name, (scorer, dtype, kind) in FUNCTIONS.items():
        parameters: list[Any] = ["VARCHAR", "VARCHAR"]
        arrow: Any = "arrow"
        cursor.create_function(name + suffix, _vectorised(scorer, dtype), parameters, kind, type=arrow)
    try:
        yield suffix
    finally:
        for name in FUNCTIONS:
            cursor.remove_function(name + suffix)


class DuckDBEngine:
    """`matching.engines.base.Engine` on DuckDB.

    `connection`: work in this database, with its limits (tables may then also be given by their name in it). Else a
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
        options = {"memory_limit": memory_limit, "threads": threads, "temp_directory": temp_directory}
        config: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
        self._connection = connection or duckdb.connect(config=config)

    @contextmanager
    def session(
        self,
        left: Table,
        right: Table | None,
        model: LinkageModel,
        call: Call | None = None,
        frequencies: Frequencies | None = None,
    ) -> Iterator[Session]:
        """Both tables prepared for the model, for several questions about them; temporary tables go at the end."""
        cursor = self._connection.cursor()
        try:
            with _functions(cursor) as suffix:
                yield Session(cursor, left, right, model, call or Call(), frequencies or {}, suffix)
        finally:
            cursor.close()

    def block(self, left: Table, right: Table | None, model: LinkageModel, *, call: Call | None = None) -> Blocked:
        with self.session(left, right, model, call) as session:
            capped = session.find_pairs()
            return Blocked(session.arrow("select id_l, id_r, rule from pairs order by id_l, id_r"), capped)

    def compare(
        self,
        pairs: pa.Table,
        left: Table,
        right: Table | None,
        model: LinkageModel,
        *,
        call: Call | None = None,
        frequencies: Frequencies | None = None,
    ) -> pa.Table:
        with self.session(left, right, model, call, frequencies) as session:
            session.cursor.register("given_pairs", pairs.select(["id_l", "id_r"]))
            session.cursor.execute("create or replace temp table pairs as select * from given_pairs")
            counted = [c.name for c in model.comparisons if frequency_sql(c) is not None]
            names = [level_column(c.name) for c in model.comparisons] + [frequency_column(name) for name in counted]
            chosen = ", ".join(["id_l", "id_r", *names])
            return session.arrow(f"select {chosen} from ({session.compared_sql()}) order by id_l, id_r")

    def score_pairs(
        self,
        left: Table,
        right: Table | None,
        model: LinkageModel,
        *,
        threshold: float | None = None,
        call: Call | None = None,
        frequencies: Frequencies | None = None,
    ) -> Scored:
        with self.session(left, right, model, call, frequencies) as session:
            capped = session.find_pairs()
            [(compared,)] = session.cursor.execute("select count(*) from pairs").fetchall()
            return Scored(session.arrow(session.scored_sql(threshold)), compared, capped)


class Session:
    """Prepared tables of one call, in one cursor: `prepared_l`, `prepared_r` (the same when linking within)."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        left: Table,
        right: Table | None,
        model: LinkageModel,
        call: Call,
        frequencies: Frequencies,
        suffix: str,
    ) -> None:
        self.cursor, self.model, self.within = cursor, model, right is None
        tables = {"l": left} if right is None else {"l": left, "r": right}
        for side, table in tables.items():
            self._base(side, table, call)
        self._count(frequencies, tuple(tables))
        self.dialect = dialect(self._ascii(tuple(tables)), suffix)
        for side in tables:
            self._prepare(side)
        if self.within:
            cursor.execute("create or replace temp view prepared_r as from prepared_l")

    def arrow(self, sql: str) -> pa.Table:
        return self.cursor.sql(sql).to_arrow_table()

    def _source(self, side: str, table: Table) -> str:
        if isinstance(table, str | Path):
            text = str(table)
            return f"read_parquet('{text.replace(chr(39), chr(39) * 2)}')" if text.endswith(".parquet") else quoted(text)
        name = f"given_{side}"
        self.cursor.register(name, as_arrow(table))
        return name

    def _base(self, side: str, table: Table, call: Call) -> None:
        source = self._source(side, table)
        kinds = {str(row[0]): str(row[1]) for row in self.cursor.execute(f"describe from {source}").fetchall()}
        check_columns(list(kinds), wanted_columns(self.model, call.id_column, call.new_column))
        new = f"coalesce({quoted(call.new_column)}, false)" if call.new_column else "true"
        texts = ", ".join(f"{_text(quoted(name), kinds[name])} as {quoted('t_' + name)}" for name in self.model.columns)
        self.cursor.execute(
            f"""create or replace temp table base_{side} as
                select cast({quoted(call.id_column)} as bigint) as id, {new} as is_new, {texts} from {source}"""
        )

    def _count(self, frequencies: Frequencies, sides: tuple[str, ...]) -> None:
        """One table `frequency_<place>` of value and frequency for each column that needs it."""
        for place, column in enumerate(self.model.frequency_columns):
            if column in frequencies:
                source = self._source(f"frequency_{place}", frequencies[column])
                sql = f"select value, frequency from {source}"
            else:
                text = quoted(f"t_{column}")
                rows = " union all ".join(f"select {text} as value from base_{side} where {text} is not null" for side in sides)
                sql = f"select value, count(*) / sum(count(*)) over () as frequency from ({rows}) group by value"
            self.cursor.execute(f"create or replace temp table frequency_{place} as {sql}")

    def _ascii(self, sides: tuple[str, ...]) -> frozenset[str]:
        fuzzy = fuzzy_columns(self.model)
        if not fuzzy:
            return frozenset()
        tests = ", ".join(f"coalesce(bool_and(strlen({t}) = length({t})), true)" for t in (quoted(f"t_{c}") for c in fuzzy))
        rows = [self.cursor.execute(f"select {tests} from base_{side}").fetchall()[0] for side in sides]
        return frozenset(column for place, column in enumerate(fuzzy) if all(row[place] for row in rows))

    def _prepare(self, side: str) -> None:
        columns, joins = ["id", "is_new"], ""
        counted = {column: place for place, column in enumerate(self.model.frequency_columns)}
        for column, needed in forms(self.model).items():
            text = quoted(f"t_{column}")
            columns.append(text)
            columns += [f"{self.dialect.date.format(text)} as {quoted('d_' + column)}"] if "d" in needed else []
            columns += [f"{self.dialect.words.format(text)} as {quoted('w_' + column)}"] if "w" in needed else []
            if "f" in needed:
                place = counted[column]
                columns.append(f"frequency_{place}.frequency as {quoted('f_' + column)}")
                joins += f" left join frequency_{place} on {text} = frequency_{place}.value"
        self.cursor.execute(f"create or replace temp table prepared_{side} as select {', '.join(columns)} from base_{side}{joins}")
        self.cursor.execute(f"drop table base_{side}")

    def find_pairs(self) -> tuple[Capped, ...]:
        """Fill the temporary table `pairs` (id_l, id_r, rule); report the blocks that were too large."""
        rules = rules_of(self.model)
        capped = []
        for rule in rules:
            hot = f"hot_{rule.place}"
            self.cursor.execute(f"create or replace temp table {hot} as {hot_sql(rule, self.model.block_cap, within=self.within)}")
            [(blocks, records, largest)] = self.cursor.execute(f"select count(*), sum(n), max(n) from {hot}").fetchall()
            if blocks:
                capped.append(Capped(rule.place, rule.block.name, blocks, int(records), int(largest)))
        hot_rules = frozenset(report.rule for report in capped)
        sql = pairs_sql(rules, hot_rules, within=self.within)
        self.cursor.execute(f"create or replace temp table pairs as {sql}")
        return tuple(capped)

    def compared_sql(self) -> str:
        """Each pair with its level and frequency columns."""
        levels = ", ".join(f"{level_sql(c, self.dialect)} as {level_column(c.name)}" for c in self.model.comparisons)
        taken = "".join(
            f", {side}.{quoted('f_' + name)} as {quoted('f_' + name)}_{side}" for name in self.model.frequency_columns for side in ("l", "r")
        )
        counted = "".join(f", {sql} as {frequency_column(c.name)}" for c in self.model.comparisons if (sql := frequency_sql(c)) is not None)
        return f"""select *{counted} from (
            select id_l, id_r, {levels}{taken} from pairs
            join prepared_l as l on l.id = id_l join prepared_r as r on r.id = id_r)"""

    def scored_sql(self, threshold: float | None) -> str:
        """Levels, weight and probability of the pairs that reach the threshold, sorted."""
        names = ", ".join(level_column(c.name) for c in self.model.comparisons)
        least = least_weight(threshold, self.model)
        kept = "" if threshold is None else f"where weight >= {least!r}"
        return f"""with scored as materialized (select id_l, id_r, {names}, {total_sql(self.model)} as weight
                   from ({self.compared_sql()}))
                   select id_l, id_r, {names}, weight, {probability_sql("weight", self.model)} as probability
                   from scored {kept} order by id_l, id_r"""


def _text(column: str, kind: str) -> str:
    """A column as text; a moment counts as its day."""
    return f"cast(cast({column} as date) as varchar)" if kind.startswith("TIMESTAMP") else f"cast({column} as varchar)"


__all__ = ["DuckDBEngine", "Names", "Rule", "Session"]
