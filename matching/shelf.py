"""A table of which few rows are looked up and changed at a time, while the many that stand are not read at all.

What it began with, its base, lies in Arrow files that are mapped into memory and never change. Beside it, for each column by
which rows are looked up, lie its values in order with the row of each, so that a look-up is a binary search. What changed
since then is small and held in full: rows that are gone from the base, and rows that came. When that is no longer small, a
new base is written (O'Neil et al. 1996, the log-structured merge-tree, with two levels).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Numbers = NDArray[Any]
"""Whole numbers of 64 bits, one dimension."""


@dataclass(frozen=True)
class Shelf:
    """`base` and `since` have the same columns. `orders`: for each column x by which rows are looked up, which holds whole numbers
    and no nulls, its values in order (`x.value`) and the row of each in the base (`x.row`). `gone`: rows of the base that hold no
    more, in order."""

    base: pa.Table
    orders: pa.Table
    gone: Numbers
    since: pa.Table

    def find(self, column: str, values: Numbers, columns: Sequence[str]) -> pa.Table:
        """These columns of the rows whose `column` is among the values, in no order."""
        return self._taken(*self._places(column, values), columns)

    def without(self, column: str, values: Numbers, columns: Sequence[str] = ()) -> tuple[Shelf, pa.Table]:
        """The shelf without these rows, and these columns of the rows."""
        rows, later = self._places(column, values)
        stays = np.ones(self.since.num_rows, np.bool_)
        stays[later] = False
        left = replace(self, gone=distinct(self.gone, rows), since=self.since.filter(stays))
        return left, self._taken(rows, later, columns)

    def plus(self, rows: pa.Table) -> Shelf:
        """The shelf with these rows, too."""
        added = rows.select(self.base.column_names).cast(self.base.schema)
        return replace(self, since=pa.concat_tables([self.since, added]).combine_chunks())

    def whole(self) -> pa.Table:
        """Every row, in no order."""
        return pa.concat_tables([self.base.filter(self._stays) if len(self.gone) else self.base, self.since])

    def total(self, column: str) -> int:
        """The sum of a column of numbers."""
        base = numbers(self.base, column)
        total: int = base[self._stays].sum() + numbers(self.since, column).sum()
        return total

    @property
    def changed(self) -> int:
        """How many rows came or went since the base was written."""
        return len(self.gone) + int(self.since.num_rows)

    def _places(self, column: str, values: Numbers) -> tuple[Numbers, Numbers]:
        """The rows of base and since where one of the values stands."""
        wanted = distinct(values)
        _, places = joined(wanted, numbers(self.orders, f"{column}.value"))
        rows = numbers(self.orders, f"{column}.row")[places]
        return rows[self._stays[rows]], np.flatnonzero(among(numbers(self.since, column), wanted))

    @property
    def _stays(self) -> NDArray[np.bool_]:
        """Does each row of the base still hold?"""
        stays = np.ones(self.base.num_rows, np.bool_)
        stays[self.gone] = False
        return stays

    def _taken(self, rows: Numbers, later: Numbers, columns: Sequence[str]) -> pa.Table:
        names = list(columns)
        return pa.concat_tables([self.base.select(names).take(rows), self.since.select(names).take(later)]).combine_chunks()


def numbers(table: pa.Table, column: str) -> Numbers:
    """A column of numbers without nulls; not copied where it lies in one piece."""
    values = table[column]
    found: Numbers = values.chunk(0).to_numpy() if values.num_chunks == 1 else values.to_numpy()
    return found


def runs(known: Numbers, values: Numbers) -> Numbers:
    """How often each value stands among the known ones, which are in order."""
    return _runs(known, values, np.searchsorted(known, values))


def joined(values: Numbers, known: Numbers) -> tuple[Numbers, Numbers]:
    """The places of equal ones: of each value, and of each of the known ones, which are in order, that equals it."""
    first = np.searchsorted(known, values)
    many = _runs(known, values, first)
    steps = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
    return np.repeat(np.arange(len(values)), many), np.repeat(first, many) + steps


def _runs(known: Numbers, values: Numbers, first: Numbers) -> Numbers:
    """`first` is where each would stand. Only where the next one is the same, too, the end is searched for."""
    if not len(known):
        return np.zeros(len(values), np.int64)
    last = len(known) - 1
    many: Numbers = (known[np.minimum(first, last)] == values).astype(np.int64)
    several = np.flatnonzero((known[np.minimum(first + 1, last)] == values) & (first < last))
    many[several] = np.searchsorted(known, values[several], side="right") - first[several]
    return many


def distinct(*values: Numbers) -> Numbers:
    """Each of the values once, in order."""
    every = np.sort(np.concatenate(values))
    return every[np.concatenate([[True], every[1:] != every[:-1]])] if len(every) else every


def among(values: Numbers, known: Numbers) -> NDArray[np.bool_]:
    """Which values are among the known ones, which are in order."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    found: NDArray[np.bool_] = known[np.searchsorted(known[:-1], values)] == values
    return found


def with_orders(table: pa.Table, by: Sequence[str]) -> tuple[pa.Table, pa.Table]:
    """`base` and `orders` of a shelf whose rows are looked up by these columns."""
    orders: dict[str, Numbers] = {}
    for column in by:
        values = numbers(table, column)
        rows = np.argsort(values)
        orders |= {f"{column}.value": values[rows], f"{column}.row": rows.astype(np.uint32)}
    return table, pa.table(orders)


def unchanged(base: pa.Table, orders: pa.Table) -> Shelf:
    """A shelf on which nothing came or went since its base was written."""
    return Shelf(base, orders, np.array([], np.uint32), base.slice(0, 0).combine_chunks())


def write_tables(path: Path, tables: Iterable[pa.Table]) -> None:
    """One file of Arrow streams, each of one piece, one after the other; on the disk when this returns."""
    with path.open("wb") as file:
        for table in tables:
            with pa.ipc.new_stream(file, table.schema) as writer:
                writer.write_table(table.combine_chunks(), max_chunksize=max(table.num_rows, 1))
        file.flush()
        os.fsync(file.fileno())


def mapped_tables(path: Path) -> list[pa.Table]:
    """The tables of a file of `write_tables`, mapped into memory."""
    tables = []
    with pa.memory_map(str(path)) as source:
        while source.tell() < source.size():
            tables.append(pa.ipc.open_stream(source).read_all())
    return tables
