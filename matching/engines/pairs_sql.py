"""Blocking as SQL on prepared tables: pairs that agree on the keys of a rule, each pair once.

The rules' pairs are collected and made distinct; each keeps the number of the first rule that found it. With new
records marked, only these are joined against all, so that the cost follows the new records. Where pairs are many and only
the probable ones are wanted, they are judged by their `signs` on the way, and most are never written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from matching.engines.signs import Signs
from matching.engines.sql import Dialect, key_sql
from matching.model import Block, LinkageModel


@dataclass(frozen=True)
class Rule:
    """A blocking rule and its place in the model."""

    place: int
    block: Block

    @property
    def keys(self) -> tuple[str, ...]:
        """The SQL of each key, on one record."""
        return tuple(key_sql(key) for key in self.block.keys)

    def rows_sql(self, table: str, dialect: Dialect, where: str = "true") -> str:
        """id, is_new, k0, k1, ... of the records that stand in a block; a record comes once for each of its blocks."""
        exploded = [key.transform == "tokens" for key in self.block.keys]
        parts = (dialect.explode.format(sql) if several else sql for sql, several in zip(self.keys, exploded, strict=True))
        named = ", ".join(f"{part} as k{place}" for place, part in enumerate(parts))
        held = " and ".join(f"k{place} is not null" for place in range(len(self.keys)))
        return f"select * from (select id, is_new, {named} from {table} where {where}) where {held}"

    @property
    def names(self) -> str:
        return ", ".join(f"k{place}" for place in range(len(self.keys)))

    def agree(self, left: str = "l", right: str = "r") -> str:
        """The join condition on key columns k0, k1, ..."""
        return " and ".join(f"{left}.k{place} = {right}.k{place}" for place in range(len(self.keys)))


def rules_of(model: LinkageModel) -> tuple[Rule, ...]:
    """The blocking rules of a model, numbered."""
    return tuple(Rule(place, block) for place, block in enumerate(model.blocks))


def sizes_sql(rule: Rule, tables: Iterable[str], dialect: Dialect) -> str:
    """The keys of the blocks that hold more than one record, and how many (n)."""
    rows = " union all ".join(f"select {rule.names} from ({rule.rows_sql(table, dialect)})" for table in tables)
    return f"select {rule.names}, count(*) as n from ({rows}) group by {rule.names} having count(*) > 1"


def pairs_sql(rules: tuple[Rule, ...], hot: frozenset[int], right: str, dialect: Dialect) -> str:
    """id_l, id_r, rule (the first rule that finds the pair); tables hot_<rule> hold the blocks to leave out."""
    found = " union all ".join(_rule_sql(rule, right, dialect, is_hot=rule.place in hot) for rule in rules)
    return f"select id_l, id_r, cast(min(rule) as smallint) as rule from ({found}) group by id_l, id_r"


def _rule_sql(rule: Rule, right: str, dialect: Dialect, *, is_hot: bool) -> str:
    def rows(table: str, where: str) -> str:
        sql = rule.rows_sql(table, dialect, where)
        return f"(select x.* from ({sql}) x anti join hot_{rule.place} h on {rule.agree('x', 'h')})" if is_hot else f"({sql})"

    if right == "prepared_l":
        return f"""select least(l.id, r.id) as id_l, greatest(l.id, r.id) as id_r, {rule.place} as rule
                   from {rows("prepared_l", "is_new")} l join {rows("prepared_l", "true")} r
                   on {rule.agree()} where l.id < r.id or (l.id > r.id and not r.is_new)"""
    sides = (("is_new", "true"), ("not is_new", "is_new"))
    return " union all ".join(
        f"""select l.id as id_l, r.id as id_r, {rule.place} as rule from {rows("prepared_l", one)} l
            join {rows(right, other)} r on {rule.agree()}"""
        for one, other in sides
    )


def signed_sql(rules: tuple[Rule, ...], hot: frozenset[int], table: str, signs: Signs) -> str:
    """id, is_new, b0, b1, ... (the hash of the keys of each rule, null without a block or in a hot one), and the signs, of the
    records of a prepared table."""
    blocks = ""
    for rule in rules:
        held = " and ".join(f"{key} is not null" for key in rule.keys)
        if rule.place in hot:
            held += f" and hash({', '.join(rule.keys)}) not in (select hash({rule.names}) from hot_{rule.place})"
        blocks += f", case when {held} then hash({', '.join(rule.keys)}) end as b{rule.place}"
    return f"select id, is_new{blocks}{signs.record_sql} from {table}"


def met_sql(rules: tuple[Rule, ...], chosen: str, *, within: bool, some_new: bool) -> str:
    """id_l, id_r and `chosen` (of records l and r) of every pair that a rule brings together, on the tables of `signed_sql`; a pair
    comes with the first rule that finds it, so that it comes once. `some_new`: only records so marked are joined against all."""
    return " union all ".join(sql for rule in rules for sql in _met_by(rule, chosen, within=within, some_new=some_new))


def _met_by(rule: Rule, chosen: str, *, within: bool, some_new: bool) -> Iterator[str]:
    earlier = "".join(f" and coalesce(l.b{place} <> r.b{place}, true)" for place in range(rule.place))
    on = f"l.b{rule.place} = r.b{rule.place}"
    if within:
        yield f"""select least(l.id, r.id) as id_l, greatest(l.id, r.id) as id_r{chosen} from signed_l l join signed_l r on {on}
                  where l.is_new and (l.id < r.id or (l.id > r.id and not r.is_new)){earlier}"""
        return
    for one, other in (("l.is_new", "true"), ("not l.is_new", "r.is_new")) if some_new else (("true", "true"),):
        yield f"select l.id as id_l, r.id as id_r{chosen} from signed_l l join signed_r r on {on} where {one} and {other}{earlier}"
