"""Blocking as SQL on prepared tables: pairs that agree on the keys of a rule, each pair once.

Keys are hashed, so that a block is one number of 64 bits whatever it is made of. The rules' pairs are collected and made distinct; each
keeps the number of the first rule that found it. With new records marked, only these are joined against all, so that the cost
follows the new records. Where pairs are many and only the probable ones are wanted, they are judged by their `signs` on the
way, and most are never written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matching.engines.signs import Signs
from matching.engines.sql import Dialect, key_sql
from matching.model import Block, LinkageModel

ONCE = "l.is_new and (l.id < r.id or (l.id > r.id and not r.is_new))"
"""Within one table: a pair of a new record comes once."""


@dataclass(frozen=True)
class Rule:
    """A blocking rule and its place in the model."""

    place: int
    block: Block

    @property
    def keys(self) -> tuple[str, ...]:
        """The SQL of each key, on one record."""
        return tuple(key_sql(key) for key in self.block.keys)

    def block_sql(self, dialect: Dialect) -> str:
        """The block of one prepared record; null when a key is missing. For rules that split no text into words."""
        held = " and ".join(f"{key} is not null" for key in self.keys)
        return f"case when {held} then {dialect.hashed.format(', '.join(self.keys))} end"

    def rows_sql(self, side: str, dialect: Dialect) -> str:
        """id, is_new, block of the records of one side that stand in a block; a record comes once for each of its blocks."""
        if not self.block.exploding:
            return f"select id, is_new, b{self.place} as block from keyed_{side} where b{self.place} is not null"
        return self.words_sql(f"prepared_{side}", dialect)

    def words_sql(self, table: str, dialect: Dialect) -> str:
        """`rows_sql` of a prepared table, for rules that split texts into words."""
        exploded = [key.transform == "tokens" for key in self.block.keys]
        parts = (dialect.explode.format(sql) if several else sql for sql, several in zip(self.keys, exploded, strict=True))
        named = ", ".join(f"{part} as k{place}" for place, part in enumerate(parts))
        names = [f"k{place}" for place in range(len(self.keys))]
        held = " and ".join(f"{name} is not null" for name in names)
        block = dialect.hashed.format(", ".join(names))
        return f"select id, is_new, {block} as block from (select id, is_new, {named} from {table}) where {held}"


def rules_of(model: LinkageModel) -> tuple[Rule, ...]:
    """The blocking rules of a model, numbered."""
    return tuple(Rule(place, block) for place, block in enumerate(model.blocks))


def keyed_sql(rules: Iterable[Rule], table: str, dialect: Dialect) -> str:
    """id, is_new, b0, b1, ... (the block of each rule that splits no text) of the records of a prepared table."""
    blocks = "".join(f", {rule.block_sql(dialect)} as b{rule.place}" for rule in rules if not rule.block.exploding)
    return f"select id, is_new{blocks} from {table}"


def sizes_sql(rule: Rule, sides: Iterable[str], dialect: Dialect) -> str:
    """The blocks that hold more than one record, and how many (n)."""
    rows = " union all ".join(f"select block from ({rule.rows_sql(side, dialect)}) x" for side in sides)
    return f"select block, count(*) as n from ({rows}) y group by block having count(*) > 1"


def pairs_sql(rules: tuple[Rule, ...], hot: frozenset[int], dialect: Dialect, *, within: bool, some_new: bool) -> str:
    """id_l, id_r, rule (the first rule that finds the pair), on tables keyed_<side>; tables hot_<rule> hold the blocks to leave
    out. `some_new`: only records so marked are joined against all."""
    found = " union all ".join(sql for rule in rules for sql in _found_by(rule, dialect, within=within, some_new=some_new, is_hot=rule.place in hot))
    return f"select id_l, id_r, cast(min(rule) as smallint) as rule from ({found}) group by id_l, id_r"


def _found_by(rule: Rule, dialect: Dialect, *, within: bool, some_new: bool, is_hot: bool) -> Iterator[str]:
    def rows(side: str) -> str:
        sql = rule.rows_sql(side, dialect)
        return f"(select x.* from ({sql}) x anti join hot_{rule.place} h on x.block = h.block)" if is_hot else f"({sql})"

    right = rows("l" if within else "r")
    yield from _joined(rows("l"), right, "l.block = r.block", f", {rule.place} as rule", within=within, some_new=some_new)


def _joined(left: str, right: str, on: str, chosen: str, *, within: bool, some_new: bool) -> Iterator[str]:
    """id_l, id_r and `chosen` of the pairs of records l and r that agree; of two tables new records meet all, old ones the new."""
    if within:
        yield f"select least(l.id, r.id) as id_l, greatest(l.id, r.id) as id_r{chosen} from {left} l join {right} r on {on} where {ONCE}"
        return
    for one, other in (("l.is_new", "true"), ("not l.is_new", "r.is_new")) if some_new else (("true", "true"),):
        yield f"select l.id as id_l, r.id as id_r{chosen} from {left} l join {right} r on {on} where {one} and {other}"


def signed_sql(rules: tuple[Rule, ...], hot: frozenset[int], table: str, signs: Signs, dialect: Dialect) -> str:
    """The columns of `keyed_sql`, null in a hot block, too, and the signs, of the records of a prepared table."""
    blocks = ""
    for rule in rules:
        block = rule.block_sql(dialect)
        cool = f"case when {block} not in (select block from hot_{rule.place}) then {block} end" if rule.place in hot else block
        blocks += f", {cool} as b{rule.place}"
    return f"select id, is_new{blocks}{signs.record_sql} from {table}"


def met_sql(rules: tuple[Rule, ...], chosen: str, *, within: bool, some_new: bool) -> str:
    """id_l, id_r and `chosen` (of records l and r) of every pair that a rule brings together, on the tables of `signed_sql`; a pair
    comes with the first rule that finds it, so that it comes once. `some_new`: only records so marked are joined against all."""
    return " union all ".join(sql for rule in rules for sql in _met_by(rule, chosen, within=within, some_new=some_new))


def _met_by(rule: Rule, chosen: str, *, within: bool, some_new: bool) -> Iterator[str]:
    earlier = "".join(f" and coalesce(l.b{place} <> r.b{place}, true)" for place in range(rule.place))
    for sql in _joined(
        "signed_l", "signed_l" if within else "signed_r", f"l.b{rule.place} = r.b{rule.place}", chosen, within=within, some_new=some_new
    ):
        yield sql + earlier
