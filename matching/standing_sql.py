"""The tables of a standing linkage in SQL, and the weights that follow from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from matching.engines.duckdb import Cursor
from matching.engines.pairs_sql import Rule, rules_of
from matching.engines.session import Session
from matching.engines.signs import SLACK, most_weights
from matching.engines.sql import Dialect, frequency_sql, key_sql, quoted, text_sql, total_sql
from matching.model import Comparison, LinkageModel
from matching.score import adjusted_levels, frequency_column, least_weight, level_column
from matching.shelf import Numbers, Shelf, numbers
from matching.tables import Table, check_columns

if TYPE_CHECKING:
    from matching.standing import Terms

SIDES = ("l", "r")


def records_sql(database: Cursor, name: str, table: Table, terms: Terms) -> str:
    """The rows of `record_*` for a caller's table."""
    source = database.source(name, table)
    kinds = database.kinds(source)
    check_columns(list(kinds), [terms.id_column, *terms.columns])
    dialect = database.dialect(frozenset())
    texts = ", ".join(f"{text_sql(column, kinds[column], dialect)} as {quoted('t_' + column)}" for column in terms.columns)
    keys = "".join(f", coalesce({Rule(place, rule.block).block_sql(dialect)}, 0) as key_{place}" for place, rule in enumerate(terms.sure))
    keys += "".join(f", {_value_sql(quoted('t_' + name))} as value_{place}" for place, name in enumerate(terms.model.frequency_columns))
    keys += "".join(f", {_block_sql(rule, dialect)} as block_{rule.place}" for rule in rules_of(terms.model))
    return f"select *{keys} from (select cast({quoted(terms.id_column)} as bigint) as id, {texts} from {source})"


def _value_sql(text: str) -> str:
    return f"case when {text} is not null then hash({text}) else 0::ubigint end"


def _block_sql(rule: Rule, dialect: Dialect) -> str:
    """The block of a record of texts, 0 when a key is missing; a list of blocks for a rule that splits texts into words."""
    keys = [f"word_{place}" if key.transform == "tokens" else key_sql(key) for place, key in enumerate(rule.block.keys)]
    block = f"hash({', '.join([str(rule.place), *keys])})"
    held = " and ".join(f"{quoted('t_' + key.column)} is not null" for key in rule.block.keys)
    depth = 0
    for place, key in enumerate(rule.block.keys):
        if key.transform == "tokens":
            block, depth = f"list_transform({dialect.words.format(quoted('t_' + key.column))}, lambda word_{place}: {block})", depth + 1
    for _ in range(depth - 1):
        block = f"flatten({block})"
    return f"case when {held} then {block} else {'[]' if depth else '0::ubigint'} end"


def blocks_sql(side: str, model: LinkageModel) -> str:
    """The rows of `block_*` for those of `record_*` that are in `prepared_*`."""
    rules, records = rules_of(model), f"(from record_{side} semi join prepared_{side} using (id))"
    found = [f"select {rule.place} as rule, unnest(block_{rule.place}) as key, id from {records}" for rule in rules if rule.block.exploding]
    if whole := [rule for rule in rules if not rule.block.exploding]:
        # one scan for all: two lists, unnested side by side
        places, blocks = ", ".join(str(rule.place) for rule in whole), ", ".join(f"block_{rule.place}" for rule in whole)
        found.append(f"select unnest([{places}]) as rule, unnest([{blocks}]) as key, id from {records}")
    every = " union all ".join(found) or f"select 0 as rule, 0::ubigint as key, id from {records}"
    return f"select cast(rule as utinyint) as rule, key, id from ({every}) where key <> 0"


def hot_sql(model: LinkageModel) -> str:
    """The blocks of both sides that hold more records than the cap of their rule."""
    cap = f"case rule {' '.join(f'when {place} then {model.cap_of(block)}' for place, block in enumerate(model.blocks))} end"
    rows = " union all ".join(f"select rule, key from block_{side}" for side in SIDES)
    return f"select rule, key, count(*) as n from ({rows}) group by rule, key having count(*) > {cap}"


def levels_sql(session: Session) -> str:
    """The rows of `pair` for the table `pairs` of a session; records of `record_*` give the hashes of their values."""
    model = session.model
    names = ", ".join(level_column(comparison.name) for comparison in model.comparisons)
    most = " + ".join(_most_sql(comparison) for comparison in model.comparisons)
    values = "".join(
        f", case when {_counts_sql(model, column)} then {side}.value_{place} else 0::ubigint end as value_{place}_{side}"
        for place, column in enumerate(model.frequency_columns)
        for side in SIDES
    )
    return f"""select id_l, id_r, {names}, {most} as most{values} from ({session.compared_sql()})
               join record_l l on l.id = id_l join record_r r on r.id = id_r"""


def _most_sql(comparison: Comparison) -> str:
    """The most that the level of a pair can weigh."""
    cases = (f"when {number} then '{weight!r}'::double" for number, weight in most_by_number(comparison).items())
    return f"case {level_column(comparison.name)} {' '.join(cases)} end"


def _counts_sql(model: LinkageModel, column: str) -> str:
    """Is a pair at a level where the frequency of this column's value counts?"""
    tests = [f"{level_column(name)} in ({', '.join(map(str, numbers))})" for name, numbers in counting_levels(model, column).items()]
    return " or ".join(tests)


def most_by_number(comparison: Comparison) -> dict[int, float]:
    """The most that each level number can weigh."""
    most = {level.name: weight for level, weight in most_weights(comparison)}
    return {number: most[level.name] for number, level in zip(comparison.numbers, comparison.levels, strict=True)}


def counting_levels(model: LinkageModel, column: str) -> dict[str, list[int]]:
    """By comparison: the level numbers at which the frequency of this column's value counts."""
    found = {c.name: [number for number, (name, *_) in adjusted_levels(c).items() if name == column] for c in model.comparisons}
    return {name: numbers for name, numbers in found.items() if numbers}


def weigh(database: Cursor, shelves: Mapping[str, Shelf], terms: Terms) -> str:
    """The SQL of id_l, id_r, levels and weight of the pairs whose probability reaches the threshold, in no order."""
    model, least = terms.model, least_weight(terms.threshold, terms.model)
    pairs = shelves["pair"].whole()
    likely = numbers(pairs, "most") >= least - SLACK
    for place, column in enumerate(model.frequency_columns):
        values = [np.where(likely, numbers(pairs, f"value_{place}_{side}"), np.uint64(0)) for side in SIDES]
        for side, frequency in zip(SIDES, _frequencies(shelves[f"count_{place}"], values), strict=True):
            pairs = pairs.append_column(f"f_{column}_{side}", frequency)
    database.cursor.register("standing_pairs", pairs)
    counted = "".join(f", {sql} as {frequency_column(c.name)}" for c in model.comparisons if (sql := frequency_sql(c)) is not None)
    names = ", ".join(level_column(comparison.name) for comparison in model.comparisons)
    return f"""select id_l, id_r, {names}, weight from (select *, {total_sql(model)} as weight from (
                   select *{counted} from standing_pairs where most >= {least - SLACK!r}))
               where weight >= {least!r}"""


def _frequencies(counts: Shelf, values: Sequence[Numbers]) -> list[pa.Array]:
    """How frequent each value of either side is now; null for 0, which stands for none. Sides that are equal, as they are where
    only one value on both counts, are looked up once."""
    codes, known = pd.factorize(values[0] if np.array_equal(values[0], values[1]) else np.concatenate(values))
    found = counts.find("value", known, ["value", "n"])
    order = np.argsort(known)
    frequency = np.zeros(len(known))
    frequency[order[np.searchsorted(known, numbers(found, "value"), sorter=order)]] = numbers(found, "n") / counts.total("n")
    return [pa.array(frequency[part], mask=each == 0) for part, each in zip((codes[: len(values[0])], codes[-len(values[1]) :]), values, strict=True)]
