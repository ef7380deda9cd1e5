"""What every engine does, and what it hands back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from matching.block import Capped
from matching.model import LinkageModel
from matching.tables import Table

if TYPE_CHECKING:
    import pyarrow as pa

Frequencies = Mapping[str, "Table"]
"""For a column, a table of `value` (text) and `frequency` (share of the rows that have a value). A column that is not
in it is counted in the tables at hand."""


class MissingEngineError(ImportError):
    """The package behind an engine is not installed; one line says which extra to install."""


@dataclass(frozen=True)
class Blocked:
    """Pairs to compare: `pairs` has id_l, id_r (int64) and rule (int16, the first that found the pair), sorted by ids."""

    pairs: pa.Table
    capped: tuple[Capped, ...]


@dataclass(frozen=True)
class Scored:
    """`pairs` has id_l, id_r (int64), `<comparison>_level` (int8) for each comparison, weight, probability (double),
    sorted by ids, and only pairs that reach the threshold; `compared` counts the pairs before it."""

    pairs: pa.Table
    compared: int
    capped: tuple[Capped, ...]


@dataclass(frozen=True)
class Call:
    """How to read the tables of one call: the id column and, for new records against all, the boolean column that
    marks new records (only pairs with a new record on one side at least are looked at)."""

    id_column: str = "id"
    new_column: str | None = None


class Engine(Protocol):
    """One way to compute a linkage. `right` None means within `left`, each pair once with id_l < id_r; else pairs have
    one record of each table. Same input, same answer: whatever the order of rows, the number of threads, the engine."""

    name: str

    def block(self, left: Table, right: Table | None, model: LinkageModel, *, call: Call = ...) -> Blocked:
        """Pairs that a blocking rule brings together, each once."""

    def compare(
        self,
        pairs: pa.Table,
        left: Table,
        right: Table | None,
        model: LinkageModel,
        *,
        call: Call = ...,
        frequencies: Frequencies | None = None,
    ) -> pa.Table:
        """The level of each comparison for given pairs (id_l, id_r), and `<comparison>_frequency` where one counts;
        `matching.score.score` turns it into weights."""

    def score_pairs(
        self,
        left: Table,
        right: Table | None,
        model: LinkageModel,
        *,
        threshold: float | None = None,
        call: Call = ...,
        frequencies: Frequencies | None = None,
    ) -> Scored:
        """Block, compare, score, and keep the pairs whose probability reaches `threshold` (None: all)."""
