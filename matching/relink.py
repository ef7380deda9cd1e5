"""What a night changed is linked again, nothing else: new records against all, changed ones anew, removed ones dropped.

The work follows the changes. Beside them, only the compared pairs are weighed again, since a value's frequency is that of the
whole. The result is that of a full run on the new tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from matching.block import Capped
from matching.engines.duckdb import Cursor, DuckDBEngine
from matching.model import LinkageModel
from matching.shelf import Numbers, Shelf, among, distinct, joined, numbers, runs
from matching.standing import Standing, Terms, capped, keep, stands
from matching.standing_pairs import PAIR, Both, Each, best_now, meetings, pair_rows, sure_pairs
from matching.standing_sql import SIDES, records_sql
from matching.tables import Table

Shelves = Mapping[str, Shelf]
BySide = Mapping[str, Each]
"""One thing of each side."""


@dataclass(frozen=True)
class Changes:
    """What a night brings to one table: `changed`, new and changed records, whole; `removed`, ids of records that are gone.

    An id that is in both is a changed one; a removed id that never was there changes nothing."""

    changed: Table | None = None
    removed: Sequence[int] = ()


@dataclass(frozen=True)
class Relinked:
    """`found` and `gone`: links that now stand, and that stood before (id_l, id_r int64, sorted); `compared` counts the pairs
    that were compared; `capped` is what blocks leave out as things stand."""

    found: pa.Table
    gone: pa.Table
    compared: int
    capped: tuple[Capped, ...]


def relink(engine: DuckDBEngine, folder: Path, left: Changes, right: Changes, terms: Terms) -> Relinked:
    """Bring the linkage that stands in the folder up to date; wholly, or, after an error, not at all.

    Raises:
        StandingError: nothing stands there, or other terms made it.
        TableError: a table lacks a column that the model or a sure key names.
    """
    before, given = stands(folder, terms), dict(zip(SIDES, (left, right), strict=True))
    with ExitStack() as stack:
        databases = {side: stack.enter_context(engine.open()) for side in SIDES}
        both: Both = partial(_on_both, stack.enter_context(ThreadPoolExecutor(len(SIDES))))
        fresh = both(lambda side: _fresh(databases[side], side, given[side].changed, before.shelves, terms))
        touched = {side: distinct(numbers(fresh[side], "id"), np.array(given[side].removed, np.int64)) for side in SIDES}
        values = [f"value_{place}" for place in range(len(terms.model.frequency_columns))]
        shelves, old = _replaced(before.shelves, "record", touched, fresh, values, both)
        shelves = _counted(shelves, old, fresh, values)
        shelves, old_sure, new_sure = _relinked(shelves, touched, fresh, terms, both)
        affected = {side: distinct(touched[side], *(numbers(sure, f"id_{side}") for sure in (old_sure, new_sure))) for side in SIDES}
        new_blocks = both(lambda side: _blocks(shelves, side, affected[side], terms.model))
        shelves, old_blocks = _replaced(shelves, "block", affected, new_blocks, ["rule", "key"], both)
        hot, again, met = _heat(shelves, before.hot, affected, old_blocks, new_blocks, terms.model, both)
        shelves, compared = _compared(shelves, again, met, terms.model, both)
        link = best_now(databases["l"], shelves, terms)
        found, gone = _apart(*(pa.concat_tables([one, sure.select(PAIR)]) for one, sure in ((link, new_sure), (before.link, old_sure))))
    keep(folder, Standing(shelves, hot, link), terms)
    return Relinked(found, gone, compared, capped(hot, terms.model))


def _on_both(pool: ThreadPoolExecutor, work: Callable[[str], Each], /) -> dict[str, Each]:
    """The work of both sides at the same time."""
    return dict(zip(SIDES, pool.map(work, SIDES), strict=True))


def _fresh(database: Cursor, side: str, changed: Table | None, shelves: Shelves, terms: Terms) -> pa.Table:
    """The changed records as rows of their shelf."""
    if changed is None:
        return shelves[f"record_{side}"].base.slice(0, 0)
    return database.arrow(records_sql(database, f"changed_{side}", changed, terms))


def _replaced(
    shelves: Shelves, name: str, ids: BySide[Numbers], rows: BySide[pa.Table], columns: Sequence[str], both: Both
) -> tuple[Shelves, BySide[pa.Table]]:
    """Both sides' shelves of this name with these rows in place of those with the ids; and these columns of what stood there."""
    left = both(lambda side: shelves[f"{name}_{side}"].without("id", ids[side], columns))
    changed = {f"{name}_{side}": shelf.plus(rows[side]) for side, (shelf, _) in left.items()}
    return {**shelves, **changed}, {side: old for side, (_, old) in left.items()}


def _counted(shelves: Shelves, old: BySide[pa.Table], fresh: BySide[pa.Table], columns: Sequence[str]) -> Shelves:
    """Add to the counts of values what came, and take off what went."""
    changed = dict(shelves)
    for place, column in enumerate(columns):
        values, n = _balance(fresh, old, column)
        left, stood = shelves[f"count_{place}"].without("value", values, ["value", "n"])
        n[np.searchsorted(values, numbers(stood, "value"))] += numbers(stood, "n")
        holds = (n != 0) & (values != 0)
        changed[f"count_{place}"] = left.plus(pa.table({"value": values[holds], "n": n[holds]}))
    return changed


def _balance(came: BySide[pa.Table], went: BySide[pa.Table], column: str) -> tuple[Numbers, Numbers]:
    """The values of a column, in order, of which more or fewer rows came than went; and how many more."""
    new, old = (np.sort(np.concatenate([numbers(table, column) for table in tables.values()])) for tables in (came, went))
    values = distinct(new, old)
    more = runs(new, values) - runs(old, values)
    return values[more != 0], more[more != 0]


def _relinked(shelves: Shelves, touched: BySide[Numbers], fresh: BySide[pa.Table], terms: Terms, both: Both) -> tuple[Shelves, pa.Table, pa.Table]:
    """Drop the sure pairs of touched records and find those of fresh ones; the pairs dropped, and those found."""
    left, dropped = shelves["sure"], []
    for side in SIDES:
        left, pairs = left.without(f"id_{side}", touched[side], PAIR)
        dropped.append(pairs)
    found = [sure_pairs(shelves, _met_by(shelves, fresh, f"key_{tier}", both), rule, both).assign(tier=tier) for tier, rule in enumerate(terms.sure)]
    new = pd.concat([pd.DataFrame(columns=[*PAIR, "tier"], dtype=np.int64), *found]).drop_duplicates(PAIR)
    table = pa.Table.from_pandas(new, preserve_index=False)
    return {**shelves, "sure": left.plus(table)}, pa.concat_tables(dropped), table


def _met_by(shelves: Shelves, fresh: BySide[pa.Table], key: str, both: Both) -> pd.DataFrame:
    """The pairs of a fresh record and one of the other side with the same sure key."""
    own = {side: fresh[side].select([key, "id"]).filter(numbers(fresh[side], key) != 0).rename_columns(["key", "id"]) for side in SIDES}
    others = dict(zip(SIDES, SIDES[::-1], strict=True))
    met = both(lambda side: shelves[f"record_{side}"].find(key, numbers(own[others[side]], "key"), [key, "id"]).rename_columns(["key", "id"]))
    return meetings(own, met)


def _blocks(shelves: Shelves, side: str, affected: Numbers, model: LinkageModel) -> pa.Table:
    """The blocks of those affected records that are there and that no sure key links."""
    linked = numbers(shelves["sure"].find(f"id_{side}", affected, [f"id_{side}"]), f"id_{side}")
    names = [f"block_{place}" for place in range(len(model.blocks))]
    records = shelves[f"record_{side}"].find("id", affected[~among(affected, np.sort(linked))], ["id", *names])
    ids, found = numbers(records, "id"), [shelves[f"block_{side}"].base.slice(0, 0)]
    for place, name in enumerate(names):
        column = records[name].combine_chunks()
        several = pa.types.is_list(column.type)
        keys, many = (column.flatten(), column.value_lengths()) if several else (column, 1)
        table = pa.table({"rule": np.full(len(keys), place, np.uint8), "key": keys, "id": np.repeat(ids, many)})
        found.append(table.filter(numbers(table, "key") != 0))
    return pa.concat_tables(found).combine_chunks()


def _heat(
    shelves: Shelves, hot: pa.Table, affected: BySide[Numbers], old: BySide[pa.Table], new: BySide[pa.Table], model: LinkageModel, both: Both
) -> tuple[pa.Table, BySide[Numbers], BySide[pa.Table]]:
    """The table `hot` as things stand; the ids to be compared again: the affected ones and all in blocks that have become hot, or
    are no longer; and all rows of the other blocks that these stand in."""
    keys, more = _balance(new, old, "key")
    every = pa.concat_tables([table.select(["rule", "key"]) for table in (*new.values(), *old.values())])
    order = np.argsort(numbers(every, "key"))
    rule = numbers(every, "rule")[order[np.searchsorted(numbers(every, "key"), keys, sorter=order)]]
    met = both(lambda side: shelves[f"block_{side}"].find("key", numbers(every, "key"), ["key", "id"]))
    records = np.sort(np.concatenate([numbers(met[side], "key") for side in SIDES]))
    now = runs(records, keys)
    cap = np.array([model.cap_of(block) for block in model.blocks])[rule]
    is_hot, was_hot = now > cap, now - more > cap
    changed = pa.table({"rule": rule[is_hot], "key": keys[is_hot], "n": now[is_hot]})
    hot = pa.concat_tables([hot.filter(~among(numbers(hot, "key"), keys)), changed.cast(hot.schema)])
    turned, again = keys[is_hot != was_hot], affected
    if len(turned):  # the records of these blocks have other blocks, too
        again = {side: distinct(affected[side], numbers(shelves[f"block_{side}"].find("key", turned, ["id"]), "id")) for side in SIDES}
        keys = np.concatenate([numbers(shelves[f"block_{side}"].find("id", again[side], ["key"]), "key") for side in SIDES])
        met = {side: shelves[f"block_{side}"].find("key", keys, ["key", "id"]) for side in SIDES}
    left_out = np.sort(numbers(hot, "key"))
    return hot, again, {side: table.filter(~among(numbers(table, "key"), left_out)) for side, table in met.items()}


def _compared(shelves: Shelves, again: BySide[Numbers], met: BySide[pa.Table], model: LinkageModel, both: Both) -> tuple[Shelves, int]:
    """Compare the pairs of these records anew, by the rows of their blocks; how many there are."""
    left = shelves["pair"]
    for side in SIDES:
        left, _ = left.without(f"id_{side}", again[side])
    pairs = meetings({side: met[side].filter(among(numbers(met[side], "id"), again[side])) for side in SIDES}, met)
    return {**shelves, "pair": left.plus(pair_rows(shelves, pairs, model, both))}, len(pairs)


def _apart(new: pa.Table, old: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The pairs that are only among the new ones, and only among the old ones, each sorted."""
    order = np.argsort(numbers(old, "id_l"))
    places, known = joined(numbers(new, "id_l"), numbers(old, "id_l")[order])
    same = numbers(new, "id_r")[places] == numbers(old, "id_r")[order[known]]
    only = [np.ones(table.num_rows, np.bool_) for table in (new, old)]
    only[0][places[same]] = only[1][order[known[same]]] = False
    found, gone = (table.filter(mask).sort_by([(name, "ascending") for name in PAIR]) for table, mask in zip((new, old), only, strict=True))
    return found, gone
