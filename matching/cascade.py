"""Cheapest evidence first: sure keys link what they can, so that scoring, which costs most, sees only what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from matching.engines.base import Call, Frequencies, Scored
from matching.engines.session import Database, Session, SqlEngine
from matching.engines.sql import BOTH, block_condition, condition, quoted, text_sql
from matching.model import Block, LinkageModel
from matching.predicates import Predicate
from matching.tables import Table, check_columns, wanted_columns

if TYPE_CHECKING:
    import pyarrow as pa

REST = "is_rest"
"""The column that marks records which no sure key has linked."""


@dataclass(frozen=True)
class Sure:
    """Records that agree on the keys of `block`, and for which `when` holds (None: always), are one person."""

    name: str
    block: Block
    when: Predicate | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that keys and condition read, each once."""
        return tuple(dict.fromkeys([*(key.column for key in self.block.keys), *(self.when.columns if self.when else ())]))


@dataclass(frozen=True)
class Cascaded:
    """`sure` has id_l, id_r (int64) and tier (int8, the place of the first sure key that found the pair), sorted;
    `scored` is what the engine found among the rest."""

    sure: pa.Table
    scored: Scored


def cascade(
    engine: SqlEngine,
    left: Table,
    right: Table | None,
    model: LinkageModel,
    sure: Sequence[Sure],
    *,
    threshold: float | None = None,
    one_to_one: bool = False,
    call: Call | None = None,
    frequencies: Frequencies | None = None,
) -> Cascaded:
    """Link by sure keys, then score what they leave.

    The rest is scored against all, or, `one_to_one` (each table holds a person once), against the rest of the other
    table only. Frequencies are those of the whole tables. Conditions of `sure` may use text and values, not dates or words.

    Raises:
        TableError: a table lacks a column that the model or a sure key names.
        ValueError: `one_to_one` within one table.
    """
    with engine.open() as database:
        session = find(database, left, right, model, sure, one_to_one=one_to_one, call=call or Call(), frequencies=frequencies or {})
        compared, capped = session.find_pairs(threshold)
        scored = Scored(database.arrow(session.scored_sql(threshold)), compared, capped)
        return Cascaded(database.arrow("select id_l, id_r, tier from sure order by id_l, id_r"), scored)


def find(
    database: Database,
    left: Table,
    right: Table | None,
    model: LinkageModel,
    sure: Sequence[Sure],
    *,
    one_to_one: bool,
    call: Call,
    frequencies: Frequencies,
) -> Session:
    """Fill the table `sure` (id_l, id_r, tier); a session on the rest. Raises as `cascade` does."""
    if one_to_one and right is None:
        raise ValueError("within one table nothing is one to one; leave one_to_one out")
    tables = {"l": left} if right is None else {"l": left, "r": right}
    sources = {side: database.source(f"whole_{side}", table) for side, table in tables.items()}
    _find_sure(database, sources, sure, call)
    given = _whole_frequencies(database, sources, model, frequencies)
    for side, source in sources.items():
        columns = ", ".join(f"t.{quoted(name)}" for name in dict.fromkeys(wanted_columns(model, call.id_column, call.new_column)))
        database.view(f"rest_{side}", _rest_sql(source, side, columns, call, within=right is None, one_to_one=one_to_one))
    rest = call if one_to_one else replace(call, new_column=REST)
    return Session(database, "rest_l", None if right is None else "rest_r", model, rest, given)


def best_sql(scored: str) -> str:
    """One to one: of scored pairs (id_l, id_r, weight), those that are the best of both their records; ties go to the smaller id."""
    return f"""select id_l, id_r from {scored}
               qualify row_number() over (partition by id_l order by weight desc, id_r) = 1
                   and row_number() over (partition by id_r order by weight desc, id_l) = 1"""


def _find_sure(database: Database, sources: dict[str, str], sure: Sequence[Sure], call: Call) -> None:
    """Fill the table `sure`; a pair counts once, for the first key that finds it."""
    dialect = database.dialect(frozenset())
    found = []
    for tier, rule in enumerate(sure):
        left, right = (_sure_rows(database, source, rule, call) for source in (sources["l"], sources.get("r", sources["l"])))
        holds = f" and ({condition(rule.when, dialect, BOTH)})" if rule.when else ""
        once = "" if "r" in sources else " and l.id < r.id"
        found.append(
            f"""select l.id as id_l, r.id as id_r, {tier} as tier from {left} l
                join {right} r on {block_condition(rule.block)} where (l.is_new or r.is_new){once}{holds}"""
        )
    if len(found) == 1:  # one key finds a pair once
        database.keep("sure", f"select id_l, id_r, cast(tier as tinyint) as tier from ({found[0]})")
    else:
        database.keep("sure", f"select id_l, id_r, cast(min(tier) as tinyint) as tier from ({' union all '.join(found)}) group by id_l, id_r")


def _sure_rows(database: Database, source: str, rule: Sure, call: Call) -> str:
    """The records of a source as a sure key sees them: id, is_new, and the text of its columns."""
    kinds = database.kinds(source)
    check_columns(list(kinds), [call.id_column, *rule.columns])
    dialect = database.dialect(frozenset())
    texts = ", ".join(f"{text_sql(name, kinds[name], dialect)} as {quoted(f't_{name}')}" for name in rule.columns)
    new = f"coalesce({quoted(call.new_column)}, false)" if call.new_column else "true"
    return f"(select cast({quoted(call.id_column)} as bigint) as id, {new} as is_new, {texts} from {source})"


def _whole_frequencies(database: Database, sources: dict[str, str], model: LinkageModel, given: Frequencies) -> Frequencies:
    """The frequency of each value in the whole, as names of tables."""
    dialect = database.dialect(frozenset())
    found: dict[str, Table] = dict(given)
    for place, column in enumerate(column for column in model.frequency_columns if column not in given):
        text = dialect.text.format(quoted(column))
        rows = " union all ".join(f"select {text} as value from {source} where {quoted(column)} is not null" for source in sources.values())
        name = f"whole_frequency_{place}"
        database.keep(name, f"select value, count(*) / sum(count(*)) over () as frequency from ({rows}) group by value")
        found[column] = name
    return found


def _rest_sql(source: str, side: str, columns: str, call: Call, *, within: bool, one_to_one: bool) -> str:
    """The records of one table with a mark on those that no sure key linked; only these when one to one."""
    identity = f"cast(t.{quoted(call.id_column)} as bigint)"
    if one_to_one:
        return f"select {columns} from {source} t anti join sure s on {identity} = s.id_{side}"
    linked = "select id_l as id from sure union select id_r from sure" if within else f"select distinct id_{side} as id from sure"
    new = f" and coalesce(t.{quoted(call.new_column)}, false)" if call.new_column else ""
    return f"select {columns}, s.id is null{new} as {REST} from {source} t left join ({linked}) s on {identity} = s.id"
