"""A linkage of two tables that stands from one night to the next, in a folder.

It holds what a later night needs so that it looks at its own changes only (`matching.relink`), as shelves (`matching.shelf`):

    record_l, record_r   id, the text of each column (t_x), a hash of each sure key (key_0, ...), of each value whose frequency counts
                         (value_0, ...) and of the block that each rule puts it in (block_0, ...; a list for rules on words); a hash
                         is 0 when a part of it is missing
    sure                 id_l, id_r, tier: pairs that a sure key linked
    block_l, block_r     rule, key (the block), id: in which blocks the records stand that no sure key linked
    pair                 id_l, id_r, the level of each comparison, the most that these levels can weigh, and, where its frequency
                         counts, the hash of each side's value (value_0_l, ...; else 0): every compared pair
    count_0, ...         value, n: how often each such value occurs

and as tables that every night writes anew:

    hot                  rule, key, n: the blocks that are left out
    link                 id_l, id_r: scored pairs that are the best of both their records

Bases are one file, all else is another; `standing.json` says which two hold, and on what terms. It is replaced in one step, so that
a night holds wholly or not at all. Levels are kept, weights are not: each night they follow from the levels and from how
frequent a value then is, so that the result is that of a full run, to the last bit. Keys, values and blocks are told apart by
hashes of 64 bits. One night at a time: nothing keeps two from writing at once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from matching.block import Capped
from matching.cascade import Cascaded, Sure, find
from matching.engines.base import Call, Scored
from matching.engines.duckdb import DuckDBEngine
from matching.engines.sql import probability_sql, quoted
from matching.model import LinkageModel
from matching.predicates import write, write_key
from matching.score import level_column
from matching.shelf import Shelf, mapped_tables, numbers, unchanged, with_orders, write_tables
from matching.standing_pairs import best_now
from matching.standing_sql import SIDES, blocks_sql, hot_sql, levels_sql, records_sql, weigh
from matching.tables import Table

FORM = 4
"""Of the files; a change of it means to start again."""

FOLD = 0.2
"""Once so large a share of the rows has changed, all are written anew as bases."""


class StandingError(RuntimeError):
    """The folder holds no standing linkage, or one made in another way; it says what to do."""


@dataclass(frozen=True)
class Terms:
    """How two tables are linked, the same every night: sure keys, then, of the pairs of the rest whose probability reaches
    `threshold`, the best of both records. Another value of any of these means to start again."""

    model: LinkageModel
    sure: tuple[Sure, ...]
    threshold: float
    id_column: str = "id"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that model and sure keys read, each once, sorted."""
        return tuple(sorted({*self.model.columns, *(name for rule in self.sure for name in rule.columns)}))

    @property
    def signature(self) -> str:
        """All that decides a result or the form of the tables, as text."""
        import duckdb

        keys = (f"{','.join(write_key(key) for key in rule.block.keys)}:{write(rule.when) if rule.when else ''}" for rule in self.sure)
        return "|".join([str(FORM), duckdb.__version__, self.model.hash, repr(self.threshold), *keys])

    @property
    def shelves(self) -> dict[str, tuple[str, ...]]:
        """The names of the shelves, and by which columns their rows are looked up."""
        keys = tuple(f"key_{place}" for place in range(len(self.sure)))
        sides = (("record", ("id", *keys)), ("block", ("id", "key")))
        both = {f"{name}_{side}": by for name, by in sides for side in SIDES}
        counts = {f"count_{place}": ("value",) for place in range(len(self.model.frequency_columns))}
        return {**both, "sure": ("id_l", "id_r"), "pair": ("id_l", "id_r"), **counts}


@dataclass(frozen=True)
class Standing:
    """A linkage as it stands: `shelves` by name, and the tables `hot` and `link`."""

    shelves: Mapping[str, Shelf]
    hot: pa.Table
    link: pa.Table

    @property
    def links(self) -> pa.Table:
        """All links: id_l, id_r (int64), in no order."""
        return pa.concat_tables([self.shelves["sure"].whole().select(["id_l", "id_r"]), self.link])

    @property
    def share_changed(self) -> float:
        """What share of the rows came or went since the bases were written."""
        rows = sum(int(shelf.base.num_rows) for shelf in self.shelves.values())
        return sum(shelf.changed for shelf in self.shelves.values()) / max(1, rows)


def start(engine: DuckDBEngine, folder: Path, left: Table, right: Table, terms: Terms) -> Standing:
    """A full run, kept in the folder in place of what stood there.

    Raises:
        TableError: a table lacks a column that the model or a sure key names.
    """
    with engine.open() as database:
        for side, table in zip(SIDES, (left, right), strict=True):
            database.keep(f"record_{side}", records_sql(database, f"given_{side}", table, terms))
            given = ", ".join(f"{quoted('t_' + name)} as {quoted(name)}" for name in terms.columns)
            database.view(f"as_given_{side}", f"select id, {given} from record_{side}")
        session = find(database, "as_given_l", "as_given_r", terms.model, terms.sure, one_to_one=True, call=Call(), frequencies={})
        session.find_pairs()
        database.view("pair", levels_sql(session))
        for side in SIDES:
            database.keep(f"block_{side}", blocks_sql(side, terms.model))
        for place in range(len(terms.model.frequency_columns)):
            rows = " union all ".join(f"select value_{place} as value from record_{side}" for side in SIDES)
            database.view(f"count_{place}", f"select value, count(*) as n from ({rows}) where value <> 0 group by value")
        number = _next(_about(folder))
        base = _write_base(folder, number, terms, lambda name: database.arrow(f"from {name}"))
        shelves = _read_base(base, terms)
        standing = Standing(shelves, database.arrow(hot_sql(terms.model)), best_now(database, shelves, terms))
    _hold(folder, standing, terms, base.name, number)
    return standing


def stands(folder: Path, terms: Terms) -> Standing:
    """What stands in the folder.

    Raises:
        StandingError: nothing stands there, or other terms made it.
    """
    about = _about(folder)
    if about is None:
        raise StandingError(f"{folder} holds no standing linkage; make one with matching.standing.start")
    if about["signature"] != terms.signature:
        raise StandingError("the standing linkage was made with another model, sure keys, threshold or version; start it again")
    gone, hot, link, *since = mapped_tables(folder / about["since"])
    shelf, row = numbers(gone, "shelf"), numbers(gone, "row")
    shelves = _read_base(folder / about["base"], terms)
    changed = {name: replace(shelves[name], gone=row[shelf == place], since=since[place]) for place, name in enumerate(shelves)}
    return Standing(changed, hot, link)


def keep(folder: Path, standing: Standing, terms: Terms) -> None:
    """Keep a linkage that came of the one in the folder, in its place."""
    about = _about(folder)
    assert about is not None, "it came of the one in the folder"
    base, number = about["base"], _next(about)
    if standing.share_changed > FOLD:
        path = _write_base(folder, number, terms, lambda name: standing.shelves[name].whole())
        base, standing = path.name, Standing(_read_base(path, terms), standing.hot, standing.link)
    _hold(folder, standing, terms, base, number)


def _write_base(folder: Path, number: int, terms: Terms, table: Callable[[str], pa.Table]) -> Path:
    """A file of the bases of all shelves, each with its orders."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"base-{number}.arrow"
    write_tables(path, (each for name, by in terms.shelves.items() for each in with_orders(table(name), by)))
    return path


def _read_base(path: Path, terms: Terms) -> dict[str, Shelf]:
    tables = mapped_tables(path)
    return {name: unchanged(base, orders) for name, base, orders in zip(terms.shelves, tables[::2], tables[1::2], strict=True)}


def _hold(folder: Path, standing: Standing, terms: Terms, base: str, number: int) -> None:
    """Write what is not in the base; from then on this is what stands. What stood before is dropped."""
    since, shelves = f"since-{number}.arrow", [standing.shelves[name] for name in terms.shelves]
    places = np.repeat(np.arange(len(shelves), dtype=np.uint8), [len(shelf.gone) for shelf in shelves])
    gone = pa.table({"shelf": places, "row": np.concatenate([shelf.gone for shelf in shelves])})
    write_tables(folder / since, [gone, standing.hot, standing.link, *(shelf.since for shelf in shelves)])
    with (folder / "standing.next").open("w", encoding="utf-8") as file:
        json.dump({"signature": terms.signature, "base": base, "since": since, "number": number}, file)
        file.flush()
        os.fsync(file.fileno())
    (folder / "standing.next").replace(folder / "standing.json")
    for old in folder.glob("*.arrow"):
        if old.name not in (base, since):
            old.unlink()


def _about(folder: Path) -> dict[str, str] | None:
    """What `standing.json` says; None: there is none."""
    path = folder / "standing.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _next(about: dict[str, str] | None) -> int:
    return 1 if about is None else int(about["number"]) + 1


def cascaded(engine: DuckDBEngine, standing: Standing, terms: Terms) -> Cascaded:
    """What `matching.cascade.cascade` gives, one to one, for the tables as they stand."""
    names = ", ".join(level_column(comparison.name) for comparison in terms.model.comparisons)
    probability = probability_sql("weight", terms.model)
    with engine.open() as database:
        scored = weigh(database, standing.shelves, terms)
        pairs = database.arrow(f"select id_l, id_r, {names}, weight, {probability} as probability from ({scored}) order by id_l, id_r")
    sure = standing.shelves["sure"].whole().sort_by([("id_l", "ascending"), ("id_r", "ascending")]).combine_chunks()
    return Cascaded(sure, Scored(pairs, standing.shelves["pair"].whole().num_rows, capped(standing.hot, terms.model)))


def capped(hot: pa.Table, model: LinkageModel) -> tuple[Capped, ...]:
    """The blocks that are left out, by rule."""
    rules = hot.group_by("rule").aggregate([("n", "count"), ("n", "sum"), ("n", "max")]).sort_by("rule").to_pylist()
    return tuple(Capped(row["rule"], model.blocks[row["rule"]].name, row["n_count"], row["n_sum"], row["n_max"]) for row in rules)
