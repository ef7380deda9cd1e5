"""One call of an SQL engine: both tables prepared for a model, then pairs, levels and weights, all inside the database.

What differs between databases is a `Database`: how to run, keep and fetch, and its `Dialect`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from matching.block import Capped
from matching.engines.base import Blocked, Call, Frequencies, Scored
from matching.engines.pairs_sql import Rule, keyed_sql, met_sql, pairs_sql, rules_of, signed_sql, sizes_sql
from matching.engines.signs import Signs, edited_texts, end_size, reach_sql
from matching.engines.sql import Dialect, forms, frequency_sql, fuzzy_columns, level_sql, probability_sql, quoted, text_sql, total_sql
from matching.model import LinkageModel
from matching.score import frequency_column, least_weight, level_column
from matching.tables import Table, check_columns, wanted_columns

if TYPE_CHECKING:
    import pyarrow as pa


class Database(Protocol):
    """What a session needs of a database. Names are of tables that last as long as the session."""

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a small result."""

    def keep(self, name: str, sql: str) -> None:
        """Compute a query once and keep it as a table."""

    def view(self, name: str, sql: str) -> None:
        """Give a query a name; it is computed where it is read."""

    def drop(self, name: str) -> None:
        """Forget a table."""

    def arrow(self, sql: str) -> pa.Table:
        """The rows of a large result, in their order."""

    def source(self, name: str, table: Table) -> str:
        """What to write after FROM to read a caller's table."""

    def kinds(self, source: str) -> dict[str, str]:
        """The columns of a source, with the names of their types in capitals."""

    def dialect(self, ascii_columns: frozenset[str]) -> Dialect:
        """How this database says it; `ascii_columns` hold ASCII text only."""


class Session:
    """Prepared tables of one call: `prepared_l`, and `prepared_r` when linking between two tables.

    `many`: from how many pairs of a record on they are judged by their signs first; fewer are as fast to compare."""

    many = 2.0

    def __init__(self, database: Database, left: Table, right: Table | None, model: LinkageModel, call: Call, frequencies: Frequencies) -> None:
        self.database, self.model, self.within = database, model, right is None
        self.sides, self.some_new = ("l",) if self.within else ("l", "r"), call.new_column is not None
        self.right = "prepared_l" if self.within else "prepared_r"
        plain = database.dialect(frozenset())
        tables = {"l": left} if right is None else {"l": left, "r": right}
        for side, table in tables.items():
            self._base(side, table, call, plain)
        self._count(frequencies, self.sides)
        self.dialect = database.dialect(self._ascii(self.sides, plain))
        for side in self.sides:
            self._prepare(side)

    def _base(self, side: str, table: Table, call: Call, plain: Dialect) -> None:
        source = self.database.source(f"given_{side}", table)
        kinds = self.database.kinds(source)
        check_columns(list(kinds), wanted_columns(self.model, call.id_column, call.new_column))
        new = f"coalesce({quoted(call.new_column)}, false)" if call.new_column else "true"
        texts = "".join(f", {text_sql(name, kinds[name], plain)} as {quoted('t_' + name)}" for name in self.model.columns)
        self.database.keep(f"base_{side}", f"select cast({quoted(call.id_column)} as bigint) as id, {new} as is_new{texts} from {source}")

    def _count(self, frequencies: Frequencies, sides: tuple[str, ...]) -> None:
        """One table `frequency_<place>` of value and frequency for each column that needs it."""
        for place, column in enumerate(self.model.frequency_columns):
            name = f"frequency_{place}"
            if column in frequencies:
                sql = f"select value, frequency from {self.database.source(f'given_{name}', frequencies[column])}"
            else:
                text = quoted(f"t_{column}")
                rows = " union all ".join(f"select {text} as value from base_{side} where {text} is not null" for side in sides)
                sql = f"select value, count(*) / sum(count(*)) over () as frequency from ({rows}) group by value"
            self.database.keep(name, sql)

    def _ascii(self, sides: tuple[str, ...], plain: Dialect) -> frozenset[str]:
        """The columns for which the database's own distances count characters."""
        fuzzy = fuzzy_columns(self.model)
        if not fuzzy or plain.is_ascii is None:
            return frozenset()
        tests = ", ".join(f"coalesce(bool_and({plain.is_ascii.format(quoted('t_' + column))}), true)" for column in fuzzy)
        found = [self.database.rows(f"select {tests} from base_{side}")[0] for side in sides]
        return frozenset(column for place, column in enumerate(fuzzy) if all(row[place] for row in found))

    def _prepare(self, side: str) -> None:
        columns, joins = ["id", "is_new"], ""
        counted = {column: place for place, column in enumerate(self.model.frequency_columns)}
        for column, needed in forms(self.model).items():
            text = quoted(f"t_{column}")
            columns.append(text)
            columns += [f"{self.dialect.date.format(text)} as {quoted('d_' + column)}"] if "d" in needed else []
            columns += [f"replace({text}, '-', '') as {quoted('n_' + column)}"] if "n" in needed else []
            columns += [f"{self.dialect.words.format(text)} as {quoted('w_' + column)}"] if "w" in needed else []
            if "f" in needed:
                place = counted[column]
                columns.append(f"frequency_{place}.frequency as {quoted('f_' + column)}")
                joins += f" left join frequency_{place} on {text} = frequency_{place}.value"
        self.database.keep(f"prepared_{side}", f"select {', '.join(columns)} from base_{side}{joins}")
        self.database.drop(f"base_{side}")

    def find_pairs(self, threshold: float | None = None) -> tuple[int, tuple[Capped, ...]]:
        """Fill the table `pairs` (id_l, id_r, rule) with those that may reach the threshold; count all, and report the blocks that
        were too large. Without a threshold, and where signs do not pay, it holds all."""
        rules = rules_of(self.model)
        for side in self.sides:
            self.database.keep(f"keyed_{side}", keyed_sql(rules, f"prepared_{side}", self.dialect))
        capped, expected = self._size_up(rules)
        hot = frozenset(report.rule for report in capped)
        records = sum(self.database.rows(f"select count(*) from keyed_{side}")[0][0] for side in self.sides)
        if threshold is not None and expected > self.many * records:
            compared = self._find_by_signs(rules, hot, threshold)
            if compared is not None:
                return compared, capped
        self.database.keep("pairs", pairs_sql(rules, hot, self.dialect, within=self.within, some_new=self.some_new))
        [(compared,)] = self.database.rows("select count(*) from pairs")
        return int(compared), capped

    def _size_up(self, rules: tuple[Rule, ...]) -> tuple[tuple[Capped, ...], float]:
        """What blocks leave out, the hot ones of each rule as a table; and how many pairs the others hold, each rule for itself."""
        capped, expected = [], 0.0
        for rule in rules:
            cap = self.model.cap_of(rule.block)
            self.database.keep("sizes", sizes_sql(rule, self.sides, self.dialect))
            self.database.keep(f"hot_{rule.place}", f"select * from sizes where n > {cap}")
            [(blocks, records, largest)] = self.database.rows(f"select count(*), sum(n), max(n) from hot_{rule.place}")
            if blocks:
                capped.append(Capped(rule.place, rule.block.name, blocks, int(records), int(largest)))
            [(pairs,)] = self.database.rows(f"select sum(cast(n as double) * (n - 1) / 2) from sizes where n <= {cap}")
            expected += pairs or 0.0
        return tuple(capped), expected

    def _find_by_signs(self, rules: tuple[Rule, ...], hot: frozenset[int], threshold: float) -> int | None:
        """Fill `pairs` with those that may reach the threshold by their signs, and count all pairs; None: signs rule nothing out."""
        if not self.dialect.signs or any(rule.block.exploding for rule in rules):
            return None
        edited = edited_texts(self.model)
        [(_, *lengths)] = self.database.rows(f"select {', '.join(['1', *(f'avg(length({text}))' for text in edited)])} from prepared_l")
        signs = Signs(self.dialect.hashed, {text: end_size(length) for text, length in zip(edited, lengths, strict=True)})
        reach = reach_sql(self.model, signs, least_weight(threshold, self.model))
        if reach is None:
            return None
        for side in self.sides:
            self.database.keep(f"signed_{side}", signed_sql(rules, hot, f"prepared_{side}", signs, self.dialect))
        [(compared,)] = self.database.rows(f"select count(*) from ({met_sql(rules, '', within=self.within, some_new=self.some_new)})")
        self.database.keep(
            "pairs", f"select id_l, id_r from ({met_sql(rules, signs.pair_sql, within=self.within, some_new=self.some_new)}) where {reach}"
        )
        for side in self.sides:
            self.database.drop(f"signed_{side}")
        return int(compared)

    def score(self, model: LinkageModel, threshold: float | None = None) -> Scored:
        """`Engine.score_pairs` on the prepared tables; `model` is the session's own, or a version of it with other figures and blocks on
        the same columns (one just trained, say)."""
        self.model = model
        compared, capped = self.find_pairs(threshold)
        return Scored(self.database.arrow(self.scored_sql(threshold)), compared, capped)

    def compared_sql(self) -> str:
        """Each row of `pairs` with its level and frequency columns."""
        levels = ", ".join(f"{level_sql(c, self.dialect)} as {level_column(c.name)}" for c in self.model.comparisons)
        taken = "".join(
            f", {side}.{quoted('f_' + name)} as {quoted(f'f_{name}_{side}')}" for name in self.model.frequency_columns for side in ("l", "r")
        )
        counted = "".join(f", {sql} as {frequency_column(c.name)}" for c in self.model.comparisons if (sql := frequency_sql(c)) is not None)
        return f"""select *{counted} from (
            select id_l, id_r, {levels}{taken} from pairs
            join prepared_l as l on l.id = id_l join {self.right} as r on r.id = id_r)"""

    def scored_sql(self, threshold: float | None) -> str:
        """Levels, weight and probability of the pairs that reach the threshold, sorted."""
        names = ", ".join(level_column(c.name) for c in self.model.comparisons)
        least = least_weight(threshold, self.model)
        kept = f"where weight >= {least!r}" if math.isfinite(least) else f"where {str(least < 0).lower()}"
        return f"""with scored as {self.dialect.once} (select id_l, id_r, {names}, {total_sql(self.model)} as weight
                   from ({self.compared_sql()}))
                   select id_l, id_r, {names}, weight, {probability_sql("weight", self.model)} as probability
                   from scored {kept} order by id_l, id_r"""


class SqlEngine(ABC):
    """The engine interface, for anything that can open a `Database`."""

    name: str

    @abstractmethod
    def open(self) -> AbstractContextManager[Database]:
        """A database for one session."""

    @contextmanager
    def session(
        self, left: Table, right: Table | None, model: LinkageModel, call: Call | None = None, frequencies: Frequencies | None = None
    ) -> Iterator[Session]:
        """Both tables prepared for the model, for several questions about them; temporary tables go at the end."""
        with self.open() as database:
            yield Session(database, left, right, model, call or Call(), frequencies or {})

    def block(self, left: Table, right: Table | None, model: LinkageModel, *, call: Call | None = None) -> Blocked:
        """See `matching.engines.base.Engine`."""
        with self.session(left, right, model, call) as session:
            _, capped = session.find_pairs()
            return Blocked(session.database.arrow("select id_l, id_r, rule from pairs order by id_l, id_r"), capped)

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
        """See `matching.engines.base.Engine`."""
        with self.session(left, right, model, call, frequencies) as session:
            source = session.database.source("given_pairs", pairs.select(["id_l", "id_r"]))
            session.database.keep("pairs", f"select id_l, id_r from {source}")
            counted = [c.name for c in model.comparisons if frequency_sql(c) is not None]
            names = [level_column(c.name) for c in model.comparisons] + [frequency_column(name) for name in counted]
            chosen = ", ".join(["id_l", "id_r", *names])
            return session.database.arrow(f"select {chosen} from ({session.compared_sql()}) order by id_l, id_r")

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
        """See `matching.engines.base.Engine`."""
        with self.session(left, right, model, call, frequencies) as session:
            return session.score(model, threshold)
