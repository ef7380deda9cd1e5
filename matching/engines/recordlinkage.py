"""The reference engine, on pandas and the Python Record Linkage Toolkit (de Bruin 2019): index, compare, score.

It says what is right; it holds some millions of pairs. Columns are codes of distinct values, so that the toolkit's
index and compare classes move integers, and rapidfuzz looks at each distinct pair of values once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import recordlinkage
from recordlinkage.base import BaseCompareFeature, BaseIndexAlgorithm

from matching.block import Capped, keyed_blocks
from matching.compare.values import Column, encode
from matching.compare.vectorised import Pairs, level_numbers
from matching.engines.base import Blocked, Call, Frequencies, Scored
from matching.model import Comparison, LinkageModel
from matching.score import adjusted_levels, frequency_column, level_column, score
from matching.tables import Table, as_arrow, check_columns, wanted_columns


class KeyBlock(BaseIndexAlgorithm):  # type: ignore[misc]  # the toolkit has no types
    """Pairs within the blocks of one rule; unlike the toolkit's own, a record may stand in several blocks."""

    def __init__(self, left: pd.DataFrame, right: pd.DataFrame) -> None:
        super().__init__()
        self._left, self._right = left, right

    def _link_index(self, df_a: pd.DataFrame, df_b: pd.DataFrame) -> pd.MultiIndex:
        found = self._left.merge(self._right, on="block", suffixes=("_l", "_r"))
        found = found[["row_l", "row_r"]].drop_duplicates()
        codes: Any = [found["row_l"].to_numpy(), found["row_r"].to_numpy()]
        levels: list[Any] = [df_a.index.values, df_b.index.values]
        return pd.MultiIndex(levels=levels, codes=codes, verify_integrity=False)


class LevelFeature(BaseCompareFeature):  # type: ignore[misc]  # the toolkit has no types
    """The level of one comparison; takes columns of codes, gives a series of level numbers."""

    def __init__(self, comparison: Comparison, values: dict[str, tuple[str, ...]]) -> None:
        columns = list(comparison.columns)
        super().__init__(columns, columns, label=level_column(comparison.name))
        self._comparison, self._values, self._columns = comparison, values, columns

    def _compute_vectorized(self, *codes: pd.Series) -> pd.Series:
        count = len(self._columns)
        sides = [
            {name: Column(part.to_numpy(), self._values[name]) for name, part in zip(self._columns, half, strict=True)}
            for half in (codes[:count], codes[count:])
        ]
        return pd.Series(level_numbers(self._comparison, Pairs(*sides)))


class _Prepared:
    """Both tables by ascending id: ids, new marks, and each column as codes in common."""

    def __init__(self, left: Table, right: Table | None, model: LinkageModel, call: Call) -> None:
        wanted = wanted_columns(model, call.id_column, call.new_column)
        tables = [_sorted(table, wanted, call.id_column) for table in (left, right) if table is not None]
        self.within = right is None
        encoded = {name: encode(tables, name) for name in model.columns}
        self.columns = [{name: parts[side] for name, parts in encoded.items()} for side in range(len(tables))]
        self.values = {name: parts[0].values for name, parts in encoded.items()}
        self.ids = [table[call.id_column].to_numpy() for table in tables]
        self.new = [_marks(table, call.new_column) for table in tables]

    def frame(self, side: int) -> pd.DataFrame:
        return pd.DataFrame({name: column.codes for name, column in self.columns[side].items()}, index=range(len(self.ids[side])))

    @property
    def joined(self) -> dict[str, Column]:
        """The columns of both tables, one below the other."""
        return {name: Column(np.concatenate([side[name].codes for side in self.columns]), values) for name, values in self.values.items()}


def _sorted(table: Table, wanted: list[str], id_column: str) -> pa.Table:
    whole = as_arrow(table)
    check_columns(whole.column_names, wanted)
    return whole.select(list(dict.fromkeys(wanted))).sort_by(id_column)


def _marks(table: pa.Table, new_column: str | None) -> np.ndarray[Any, np.dtype[np.bool_]]:
    if new_column is None:
        return np.ones(table.num_rows, dtype=bool)
    marks: np.ndarray[Any, np.dtype[np.bool_]] = table[new_column].to_pandas().fillna(value=False).to_numpy(dtype=bool)
    return marks


class RecordLinkageEngine:
    """`matching.engines.base.Engine` on pandas and recordlinkage."""

    name = "recordlinkage"

    def block(self, left: Table, right: Table | None, model: LinkageModel, *, call: Call | None = None) -> Blocked:
        prepared = _Prepared(left, right, model, call or Call())
        rows, capped = self._positions(prepared, model)
        return Blocked(_ids(prepared, rows).append_column("rule", pa.array(rows["rule"], pa.int16())), capped)

    def _positions(self, prepared: _Prepared, model: LinkageModel) -> tuple[pd.DataFrame, tuple[Capped, ...]]:
        """Pairs as places in the two tables, with the first rule that found them, sorted."""
        keyed, capped = keyed_blocks(model, prepared.joined)
        split = len(prepared.ids[0])
        found = [_found(rule, rows, prepared, split) for rule, rows in enumerate(keyed)]
        pairs = pd.concat(found).drop_duplicates(["l", "r"]).sort_values(["l", "r"], ignore_index=True)
        new = prepared.new[0][pairs["l"]] | prepared.new[-1][pairs["r"]]
        return pairs[new].reset_index(drop=True), capped

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
        prepared = _Prepared(left, right, model, call or Call())
        places = [np.searchsorted(prepared.ids[0], pairs["id_l"]), np.searchsorted(prepared.ids[-1], pairs["id_r"])]
        rows = pd.DataFrame({"l": places[0], "r": places[1]})
        return self._compare(prepared, rows, model, frequencies)

    def _compare(self, prepared: _Prepared, rows: pd.DataFrame, model: LinkageModel, frequencies: Frequencies | None) -> pa.Table:
        result = _ids(prepared, rows)
        if not len(rows):
            levels = {level_column(c.name): np.zeros(0, dtype=np.int8) for c in model.comparisons}
        else:
            features = [LevelFeature(comparison, prepared.values) for comparison in model.comparisons]
            compare = recordlinkage.Compare(features, indexing_type="position")
            index = pd.MultiIndex.from_arrays([rows["l"], rows["r"]])
            right = None if prepared.within else prepared.frame(1)
            levels = compare.compute(index, prepared.frame(0), right)
        for comparison in model.comparisons:
            name = level_column(comparison.name)
            result = result.append_column(name, pa.array(np.asarray(levels[name]), pa.int8()))
            for number, (column, *_) in adjusted_levels(comparison).items():
                result = _with_frequency(result, comparison.name, number, _frequency(prepared, rows, column, frequencies))
        return result

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
        prepared = _Prepared(left, right, model, call or Call())
        rows, capped = self._positions(prepared, model)
        scored = score(self._compare(prepared, rows, model, frequencies), model)
        if threshold is not None:
            scored = scored.filter(pa.compute.greater_equal(scored["probability"], threshold))
        return Scored(scored, len(rows), capped)


def _found(rule: int, rows: pd.DataFrame, prepared: _Prepared, split: int) -> pd.DataFrame:
    """The pairs of one rule as places (l, r); within one table l is the smaller place."""
    left = rows[rows["row"] < split]
    right = left if prepared.within else rows[rows["row"] >= split].assign(row=lambda each: each["row"] - split)
    # the toolkit divides by the number of possible pairs
    if not len(left) or not len(right) or (prepared.within and len(prepared.ids[0]) == 1):
        return pd.DataFrame({"l": np.zeros(0, np.int64), "r": np.zeros(0, np.int64), "rule": np.zeros(0, np.int16)})
    frames = [pd.DataFrame(index=range(len(ids))) for ids in prepared.ids]
    index = recordlinkage.Index([KeyBlock(left, right)]).index(*frames)
    first, second = (index.codes[side].astype(np.int64) for side in (0, 1))
    if prepared.within:
        first, second = np.minimum(first, second), np.maximum(first, second)
    return pd.DataFrame({"l": first, "r": second, "rule": np.int16(rule)})


def _ids(prepared: _Prepared, rows: pd.DataFrame) -> pa.Table:
    ids = {f"id_{side}": prepared.ids[place][rows[side]].astype(np.int64) for side, place in (("l", 0), ("r", -1))}
    return pa.table(ids)


def _frequency(prepared: _Prepared, rows: pd.DataFrame, name: str, given: Frequencies | None) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The larger frequency of the two values of each pair; NaN when neither is known."""
    if given is not None and name in given:
        table = as_arrow(given[name])
        known = dict(zip(table["value"].to_pylist(), table["frequency"].to_pylist(), strict=True))
        lookup = np.array([known.get(value, np.nan) for value in prepared.values[name]] + [np.nan])
    else:
        codes = prepared.joined[name].codes
        counts = np.bincount(codes[codes >= 0], minlength=len(prepared.values[name]))
        lookup = np.append(counts / max(counts.sum(), 1), np.nan)
    sides = [lookup[prepared.columns[place][name].codes[rows[side]]] for side, place in (("l", 0), ("r", -1))]
    return np.asarray(np.fmax(*sides))


def _with_frequency(result: pa.Table, comparison: str, number: int, values: np.ndarray[Any, np.dtype[np.float64]]) -> pa.Table:
    """Put the frequency of one level's pairs into the comparison's frequency column."""
    name = frequency_column(comparison)
    here = result[level_column(comparison)].to_numpy() == number
    before = result[name].to_numpy(zero_copy_only=False) if name in result.column_names else np.full(len(here), np.nan)
    merged = pa.array(np.where(here, values, before), pa.float64(), from_pandas=True)
    if name in result.column_names:
        return result.set_column(result.column_names.index(name), name, merged)
    return result.append_column(name, merged)
