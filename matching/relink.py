"""What a night changed is linked again, nothing else: new records against all, changed ones anew, removed ones dropped.

The work follows the changes. Beside them it reads, of the standing tables, only hashes of keys and ids, and weighs the
compared pairs again, since a value's frequency is that of the whole. The result is that of a full run on the new tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from matching.block import Capped
from matching.cascade import best_sql
from matching.engines.base import Call
from matching.engines.duckdb import Cursor, DuckDBEngine
from matching.engines.session import Session
from matching.engines.sql import BOTH, block_condition, condition, quoted
from matching.standing import SIDES, Terms, blocks_sql, cap_sql, capped, check, levels_sql, records_sql, transaction, weighed_sql
from matching.tables import Table


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


def relink(engine: DuckDBEngine, left: Changes, right: Changes, terms: Terms) -> Relinked:
    """Bring the standing linkage of the engine's database up to date, in one transaction.

    Raises:
        StandingError: nothing stands there, or other terms made it.
        TableError: a table lacks a column that the model or a sure key names.
    """
    with transaction(engine) as database:
        check(database, terms)
        for side, changes in zip(SIDES, (left, right), strict=True):
            _take(database, side, changes, terms)
        _count(database, terms)
        _relink_sure(database, terms)
        _leave(database, terms)
        _reblock(database, terms)
        compared = _compare(database, terms)
        _choose(database, terms)
        found, gone = (database.arrow(_difference(*order)) for order in (("new", "old"), ("old", "new")))
        return Relinked(found, gone, compared, capped(database, terms.model))


def _take(database: Cursor, side: str, changes: Changes, terms: Terms) -> None:
    """Put the changed records in place of the old ones: tables fresh, old (rows that were there) and touched (ids)."""
    rows = records_sql(database, f"changed_{side}", changes.changed, terms) if changes.changed is not None else f"from standing_record_{side} limit 0"
    database.keep(f"fresh_{side}", rows)
    database.cursor.register(f"removed_{side}", pa.table({"id": pa.array(list(changes.removed), pa.int64())}))
    database.keep(f"touched_{side}", f"select id from fresh_{side} union select id from removed_{side}")
    values = "".join(f", value_{place}" for place in range(len(terms.model.frequency_columns)))
    _remove(database, f"old_{side}", f"standing_record_{side}", f"id in (from touched_{side})", f"id{values}")
    database.cursor.execute(f"insert into standing_record_{side} from fresh_{side}")


def _remove(database: Cursor, name: str, table: str, where: str, columns: str) -> None:
    """Delete rows, and keep these columns of them as the table `name` (RETURNING would read all columns of all rows)."""
    database.keep(name, f"select rowid as place, {columns} from {table} where {where}")
    database.cursor.execute(f"delete from {table} where rowid in (select place from {name})")


def _count(database: Cursor, terms: Terms) -> None:
    """Add to the counts of values what came, and take off what went."""
    for place in range(len(terms.model.frequency_columns)):
        rows = " union all ".join(
            f"select value_{place} as value, {sign} as n from {which}_{side}" for which, sign in (("fresh", 1), ("old", -1)) for side in SIDES
        )
        database.cursor.execute(
            f"insert into standing_count_{place} select value, sum(n) from ({rows}) where value is not null group by value having sum(n) <> 0"
        )


def _relink_sure(database: Cursor, terms: Terms) -> None:
    """Drop the sure pairs of touched records and find those of fresh ones: tables old_sure, new_sure."""
    old = " union ".join(f"select rowid as place, id_l, id_r from standing_sure where id_{side} in (from touched_{side})" for side in SIDES)
    database.keep("old_sure", old)
    database.cursor.execute("delete from standing_sure where rowid in (select place from old_sure)")
    for side in SIDES:
        _meet(database, side, terms)
    dialect = database.dialect(frozenset())
    found = []
    for tier, rule in enumerate(terms.sure):
        holds = f" and ({condition(rule.when, dialect, BOTH)})" if rule.when else ""
        found += [
            f"""select l.id as id_l, r.id as id_r, {tier} as tier from {left} l join {right} r
                on l.key_{tier} = r.key_{tier} and {block_condition(rule.block)}{holds}"""
            for left, right in (("fresh_l", "near_r"), ("near_l", "fresh_r"))
        ]
    every = " union all ".join(found) or "select id_l, id_r, tier from standing_sure limit 0"
    database.keep("new_sure", f"select id_l, id_r, cast(min(tier) as tinyint) as tier from ({every}) group by id_l, id_r")
    database.cursor.execute("insert into standing_sure from new_sure")


def _meet(database: Cursor, side: str, terms: Terms) -> None:
    """The records of one table that share a sure key with a fresh one of the other: table near. Ids first, so that few texts
    are read."""
    other = SIDES[1 - SIDES.index(side)]
    keys = " union ".join(f"select id from standing_record_{side} semi join fresh_{other} using (key_{tier})" for tier in range(len(terms.sure)))
    database.keep(f"near_id_{side}", keys or f"select id from standing_record_{side} limit 0")
    columns = dict.fromkeys(quoted("t_" + column) for rule in terms.sure for column in rule.columns)
    chosen = ", ".join(["id", *(f"key_{tier}" for tier in range(len(terms.sure))), *columns])
    database.keep(f"near_{side}", f"select {chosen} from standing_record_{side} semi join near_id_{side} using (id)")


def _leave(database: Cursor, terms: Terms) -> None:
    """Which records are now to be scored: tables affected (ids to look at), came (those of them that no sure key links)."""
    texts = ", ".join(quoted("t_" + name) for name in terms.model.columns)
    for side in SIDES:
        partners = " union ".join(f"select id_{side} from {name}" for name in ("old_sure", "new_sure"))
        database.keep(f"affected_{side}", f"select id from touched_{side} union {partners}")
        database.keep(
            f"came_{side}",
            f"""with open as (from affected_{side} anti join (
                    select id_{side} as id from standing_sure semi join affected_{side} a on a.id = id_{side}) linked using (id))
                select id, {texts} from fresh_{side} semi join open using (id) union all
                select id, {texts} from standing_record_{side} semi join (from open anti join touched_{side} using (id)) freed using (id)""",
        )


def _reblock(database: Cursor, terms: Terms) -> None:
    """Bring blocks up to date: tables again (ids to compare again) and block (key, id of all blocks that these stand in). A block
    that has become hot, or is no longer, has all its records compared again."""
    dialect = database.dialect(frozenset())
    for side in SIDES:
        _remove(database, f"old_block_{side}", f"standing_block_{side}", f"id in (from affected_{side})", "rule, key, id")
        database.keep(f"new_block_{side}", blocks_sql(f"came_{side}", terms.model, dialect))
        database.cursor.execute(f"insert into standing_block_{side} from new_block_{side}")
    keys = " union all ".join(f"select key from {which}_block_{side}" for which in ("new", "old") for side in SIDES)
    for side in SIDES:
        database.keep(f"block_{side}", f"select key, id from standing_block_{side} semi join ({keys}) looked_at using (key)")
    change = " union all ".join(
        f"select rule, key, {sign} as n from {which}_block_{side}" for which, sign in (("new", 1), ("old", -1)) for side in SIDES
    )
    database.keep(
        "sizes",
        f"""with changed as (select rule, key, sum(n) as more from ({change}) group by rule, key having sum(n) <> 0),
                 now as (select key, count(*) as n from (from block_l union all from block_r) group by key)
            select rule, key, n, n - more > cap as was_hot, n > cap as is_hot
            from (select rule, key, more, coalesce(n, 0) as n, {cap_sql(terms.model)} as cap from changed left join now using (key))""",
    )
    database.cursor.execute("delete from standing_hot where key in (select key from sizes)")
    database.cursor.execute("insert into standing_hot select rule, key, n from sizes where is_hot")
    for side in SIDES:
        turned = f"select id from block_{side} semi join (from sizes where was_hot <> is_hot) t using (key)"
        database.keep(f"again_{side}", f"select id from affected_{side} union {turned}")
    if database.rows("select 1 from sizes where was_hot <> is_hot limit 1"):  # these records have other blocks, too
        for side in SIDES:
            database.keep(f"block_{side}", f"select key, id from standing_block_{side}")


def _compare(database: Cursor, terms: Terms) -> int:
    """Compare again the pairs of the records in question; how many there are."""
    for side in SIDES:
        database.cursor.execute(f"delete from standing_pair where id_{side} in (from again_{side})")
        database.keep(f"key_{side}", f"select key, id from block_{side} semi join again_{side} using (id) anti join standing_hot using (key)")
    found = " union ".join(
        f"select l.id as id_l, r.id as id_r from {left} l join {right} r using (key)" for left, right in (("key_l", "block_r"), ("block_l", "key_r"))
    )
    database.keep("met", found)
    given = ", ".join(f"{quoted('t_' + name)} as {quoted(name)}" for name in terms.model.columns)
    for side in SIDES:
        database.keep(f"met_{side}", f"select id, {given} from standing_record_{side} semi join met on id = id_{side}")
    none = {
        column: pa.table({"value": pa.array([], pa.string()), "frequency": pa.array([], pa.float64())}) for column in terms.model.frequency_columns
    }
    session = Session(database, "met_l", "met_r", terms.model, Call(), none)
    database.keep("pairs", "from met")
    database.cursor.execute(f"insert into standing_pair {levels_sql(session)}")
    [(compared,)] = database.rows("select count(*) from met")
    return int(compared)


def _choose(database: Cursor, terms: Terms) -> None:
    """Weigh every compared pair again and take the best ones: tables old_link, new_link."""
    database.keep("chosen", best_sql(f"({weighed_sql(database, terms)})"))
    database.keep("new_link", "from chosen anti join standing_link using (id_l, id_r)")
    database.keep("old_link", "from standing_link anti join chosen using (id_l, id_r)")
    database.cursor.execute("delete from standing_link where (id_l, id_r) in (from old_link)")
    database.cursor.execute("insert into standing_link from new_link")


def _difference(these: str, those: str) -> str:
    """The links of these that are not among those; a pair may change from sure to scored, or be found again."""
    sides = {"new": ("new_link", "new_sure"), "old": ("old_link", "old_sure")}
    first, second = (" union ".join(f"select id_l, id_r from {name}" for name in sides[which]) for which in (these, those))
    return f"select * from ({first}) anti join ({second}) other using (id_l, id_r) order by id_l, id_r"
