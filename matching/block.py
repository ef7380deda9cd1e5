"""Blocking keys: which records stand in the same block, and which blocks are too large to be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from matching.compare.values import MISSING, Column, tokens
from matching.model import Block, LinkageModel
from matching.predicates import Key


@dataclass(frozen=True)
class Capped:
    """What one blocking rule left out, because its blocks held more than `block_cap` records; no values, only counts.

    `rule` is the place of the rule in the model, `blocks` how many were left out, `records` how many records stood in
    them (counted once for each block), `largest` the records of the largest one.
    """

    rule: int
    name: str
    blocks: int
    records: int
    largest: int


def block_rows(block: Block, columns: Mapping[str, Column]) -> pd.DataFrame:
    """In which blocks of a rule does each record stand?

    Columns: `row` (place of the record), `block` (number of the block). Records with a missing key are not there.
    """
    length = len(next(iter(columns.values())).codes)
    rows = pd.DataFrame({"row": np.arange(length)})
    names = [f"key_{place}" for place in range(len(block.keys))]
    for name, key in zip(names, block.keys, strict=True):
        rows = _add_key(rows, name, key, columns[key.column])
    numbers: pd.Series[int] = rows.groupby(names, sort=False).ngroup() if len(rows) else pd.Series(dtype=np.int64)
    return rows[["row"]].assign(block=numbers).drop_duplicates()


def _add_key(rows: pd.DataFrame, name: str, key: Key, column: Column) -> pd.DataFrame:
    if key.transform == "tokens":
        words = pd.Series([sorted(tokens(value)) for value in column.values] + [[]], dtype=object)
        exploded = words.explode().dropna().rename(name)
        codes = column.codes[rows["row"].to_numpy()]
        known = rows.assign(code=codes)[codes != MISSING]
        several: pd.DataFrame = known.merge(exploded, left_on="code", right_index=True)
        return several.drop(columns="code")
    if key.characters:
        column = column.mapped(lambda text: text[: key.characters])
    keyed = rows.assign(**{name: column.codes[rows["row"].to_numpy()]})
    return keyed[keyed[name] != MISSING]


def without_hot(rows: pd.DataFrame, block: Block, rule: int, cap: int) -> tuple[pd.DataFrame, Capped | None]:
    """Leave out blocks of more than `cap` records, and say how many they were."""
    sizes = rows["block"].value_counts()
    hot = sizes[sizes > cap]
    if hot.empty:
        return rows, None
    report = Capped(rule, block.name, len(hot), int(hot.sum()), int(hot.max()))
    return rows[~rows["block"].isin(hot.index)], report


def keyed_blocks(model: LinkageModel, columns: Mapping[str, Column]) -> tuple[tuple[pd.DataFrame, ...], tuple[Capped, ...]]:
    """The blocks of every rule without the hot ones, and the report of what was left out."""
    pairs = [without_hot(block_rows(block, columns), block, rule, model.cap_of(block)) for rule, block in enumerate(model.blocks)]
    return tuple(rows for rows, _ in pairs), tuple(report for _, report in pairs if report is not None)
