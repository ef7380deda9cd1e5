"""The levels that pairs of records show, counted: what a model learns from, and all that it needs of the records.

A pattern is one combination of levels. Pairs run into the million, patterns into the thousand; EM and the counting of u need no more
than these (Fellegi and Sunter 1969 call them comparison vectors). In the SQL of DuckDB, as training runs there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from matching.engines.pairs_sql import Rule
from matching.engines.sql import block_condition, level_sql
from matching.model import Block, Comparison
from matching.score import level_column

if TYPE_CHECKING:
    import pyarrow as pa

    from matching.engines.session import Session

COUNT = "pairs"
"""The column that says how many pairs show a pattern."""


def all_pairs(session: Session) -> int:
    """How many pairs there are, of different records, on any two sides."""
    left, right = _records(session, "prepared_l"), _records(session, session.right)
    return left * (left - 1) // 2 if session.within else left * right


def random_patterns(session: Session, comparisons: Sequence[Comparison], pairs: int, seed: int) -> pa.Table:
    """The patterns of so many pairs drawn at random, each by itself; the order of the records does not matter.

    Returns:
        `<comparison>_level` (int8) for each comparison, and `pairs`, sorted by level.
    """
    import pyarrow as pa

    chance = np.random.default_rng(seed)
    sides = [_ids(session, table) for table in ("prepared_l", session.right)]
    drawn = [ids[chance.integers(0, len(ids), pairs)] if len(ids) else ids for ids in sides]
    if len(drawn[0]) != len(drawn[1]):
        drawn = [ids[:0] for ids in drawn]
    differ = drawn[0] != drawn[1] if session.within else np.ones(len(drawn[0]), np.bool_)
    source = session.database.source("given_pairs", pa.table({"id_l": drawn[0][differ], "id_r": drawn[1][differ]}))
    session.database.keep("pairs", f"select id_l, id_r from {source}")
    return _counted(session, comparisons)


def blocked_patterns(session: Session, comparisons: Sequence[Comparison], block: Block, at_most: float) -> tuple[pa.Table, float]:
    """The patterns of the pairs that a rule brings together, and how many these are.

    Of more than ``at_most`` about so many are looked at: those among some of the records, chosen on either side by a hash of the id.
    """
    met = _met(session, block)
    share = math.sqrt(min(1.0, at_most / max(1.0, met)))
    left, right = (
        table if share == 1.0 else f"(select * from {table} where hash(id, {side}) >> 32 < {int(share * 2**32)})"
        for side, table in enumerate(("prepared_l", session.right))
    )
    session.database.keep("pairs", f"select l.id as id_l, r.id as id_r from {left} l join {right} r on {block_condition(block)}{_once(session)}")
    return _counted(session, comparisons), met


def agreeing_pairs(session: Session, blocks: Sequence[Block]) -> int:
    """How many pairs does at least one of the rules bring together?"""
    conditions = [block_condition(block) for block in blocks]
    counts = []
    for place, condition in enumerate(conditions):
        earlier = "".join(f" and not coalesce({other}, false)" for other in conditions[:place])
        counts.append(f"(select count(*) from prepared_l l join {session.right} r on {condition}{_once(session)}{earlier})")
    [(found,)] = session.database.rows(f"select {' + '.join(counts)}")
    return int(found)


def _once(session: Session) -> str:
    return " and l.id < r.id" if session.within else ""


def _records(session: Session, table: str) -> int:
    [(records,)] = session.database.rows(f"select count(*) from {table}")
    return int(records)


def _ids(session: Session, table: str) -> np.ndarray:
    return np.asarray(session.database.arrow(f"select id from {table} order by id")["id"])


def _met(session: Session, block: Block) -> float:
    """How many pairs a rule brings together, from the sizes of its blocks."""
    key = Rule(0, block).block_sql(session.dialect)

    def sizes(table: str) -> str:
        return f"(select {key} as block, cast(count(*) as double) as n from {table} group by block having block is not null)"

    if session.within:
        sql = f"select sum(n * (n - 1) / 2) from {sizes('prepared_l')}"
    else:
        sql = f"select sum(l.n * r.n) from {sizes('prepared_l')} l join {sizes(session.right)} r using (block)"
    [(pairs,)] = session.database.rows(sql)
    return float(pairs or 0.0)


def _counted(session: Session, comparisons: Sequence[Comparison]) -> pa.Table:
    levels = ", ".join(f"{level_sql(c, session.dialect)} as {level_column(c.name)}" for c in comparisons)
    names = ", ".join(level_column(c.name) for c in comparisons)
    return session.database.arrow(
        f"""select {names}, count(*) as {COUNT} from (
            select {levels} from pairs join prepared_l as l on l.id = id_l join {session.right} as r on r.id = id_r)
            group by {names} order by {names}"""
    )
