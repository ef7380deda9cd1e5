"""The few pairs that a night brings, compared by columns with the reference predicates; for so few, an SQL plan costs more than
its run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from matching.cascade import Sure
from matching.compare.values import encode
from matching.compare.vectorised import Pairs, holds, level_numbers
from matching.engines.duckdb import Cursor
from matching.model import LinkageModel
from matching.predicates import Exact, Prefix
from matching.score import level_column
from matching.shelf import Shelf, joined, numbers
from matching.standing_sql import SIDES, counting_levels, most_by_number, weigh

if TYPE_CHECKING:
    from matching.standing import Terms

PAIR = ["id_l", "id_r"]
Each = TypeVar("Each")


class Both(Protocol):
    """Does the work of both sides at the same time: what it gives, by side."""

    def __call__(self, work: Callable[[str], Each], /) -> dict[str, Each]: ...


def meetings(own: Mapping[str, pa.Table], met: Mapping[str, pa.Table]) -> pd.DataFrame:
    """The pairs id_l, id_r, each once, of a record of `own` on either side and one of the other side's `met` with the same key
    (columns key, id)."""
    found = []
    for side, other in (SIDES, SIDES[::-1]):
        theirs = met[other].take(np.argsort(numbers(met[other], "key")))
        places = joined(numbers(own[side], "key"), numbers(theirs, "key"))
        ids = [numbers(table, "id")[rows] for table, rows in zip((own[side], theirs), places, strict=True)]
        found.append(ids if side == "l" else ids[::-1])
    pairs = pd.DataFrame({name: np.concatenate(ids) for name, ids in zip(PAIR, zip(*found, strict=True), strict=True)})
    return pairs.drop_duplicates(ignore_index=True)


def sure_pairs(shelves: Mapping[str, Shelf], pairs: pd.DataFrame, rule: Sure, both: Both) -> pd.DataFrame:
    """Those of the pairs that agree on the keys of a sure rule, and for which its condition holds."""
    _, texts = _beside(shelves, pairs, rule.columns, both)
    tests = [Prefix(key.column, key.characters) if key.characters else Exact(key.column) for key in rule.block.keys]
    agreed: NDArray[np.bool_] = np.logical_and.reduce([holds(test, texts) for test in (*tests, *([rule.when] if rule.when else []))])
    return pairs[agreed]


def pair_rows(shelves: Mapping[str, Shelf], pairs: pd.DataFrame, model: LinkageModel, both: Both) -> pa.Table:
    """The rows of the shelf `pair` for these pairs."""
    hashes = [f"value_{place}" for place in range(len(model.frequency_columns))]
    records, texts = _beside(shelves, pairs, model.columns, both, hashes)
    levels = {comparison.name: level_numbers(comparison, texts) for comparison in model.comparisons}
    most = np.zeros(len(pairs))
    for comparison in model.comparisons:
        weights = most_by_number(comparison)
        known = sorted(weights)
        most += np.array([weights[number] for number in known])[np.searchsorted(known, levels[comparison.name])]
    table = pairs.assign(**{level_column(name): each for name, each in levels.items()}, most=most)
    for place, column in enumerate(model.frequency_columns):
        counts = np.logical_or.reduce([np.isin(levels[name], which) for name, which in counting_levels(model, column).items()])
        for side in SIDES:
            table[f"value_{place}_{side}"] = np.where(counts, numbers(records[side], f"value_{place}"), np.uint64(0))
    return pa.Table.from_pandas(table, preserve_index=False)


def best_now(database: Cursor, shelves: Mapping[str, Shelf], terms: Terms) -> pa.Table:
    """The table `link` for the shelves as they are: what `matching.cascade.best_sql` gives, sorted."""
    scored = database.arrow(f"select id_l, id_r, weight from ({weigh(database, shelves, terms)})")
    left, right, weight = (numbers(scored, name) for name in (*PAIR, "weight"))
    best = np.ones(len(weight), np.bool_)
    for one, other in ((left, right), (right, left)):
        order = np.argsort(one)
        again = one[order][1:] == one[order][:-1]
        rivals = order[np.append(again, False) | np.append(False, again)] if len(order) else order
        rivals = rivals[np.lexsort((other[rivals], -weight[rivals], one[rivals]))]
        best[rivals[1:][one[rivals][1:] == one[rivals][:-1]]] = False
    return scored.select(PAIR).filter(best).sort_by("id_l").combine_chunks()


def _beside(
    shelves: Mapping[str, Shelf], pairs: pd.DataFrame, columns: Sequence[str], both: Both, hashes: Sequence[str] = ()
) -> tuple[dict[str, pa.Table], Pairs]:
    """The record of each pair on either side, row by row, with its `hashes`, and the texts of both as codes in common."""

    def records_of(side: str) -> pa.Table:
        shelf, ids = shelves[f"record_{side}"], pairs[f"id_{side}"].to_numpy()
        found = shelf.find("id", ids, ["id", *(f"t_{name}" for name in columns), *hashes])
        order = np.argsort(numbers(found, "id"))
        return found.take(order[np.searchsorted(numbers(found, "id"), ids, sorter=order)])

    records = both(records_of)
    left, right = ({}, {})
    for name in columns:
        left[name], right[name] = encode([records[side] for side in SIDES], f"t_{name}")
    return records, Pairs(left, right)
