"""Signs: a few bits of each record that tell, before anything is compared, which pairs cannot reach a threshold.

Texts are hashed into fields of a few bits, packed into integers. Where two fields differ, the texts differ; where the ends of two
texts differ, both of them, they are more than one edit apart. For each comparison that leaves some levels out, and the
weight of the best of the others bounds its weight; the sum bounds the weight of the pair. What lies below the threshold even so is
left out, which is exact: fields that agree by chance keep a pair that is then compared. One exclusive or of two integers
shows the agreement of all their fields.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import singledispatch

from matching import predicates as p
from matching.engines.sql import quoted
from matching.model import Comparison, Level, LinkageModel
from matching.score import adjusted_levels

BITS, FIELDS, MARKS = 9, 7, 60
"""Bits of a field, fields and marks of one integer."""

SLACK = 1e-6
"""Sums of floating-point numbers differ by less, whatever their order."""


@dataclass(frozen=True)
class Signs:
    """The signs that a model needs, in SQL. `ends`: how many characters of each end of a text (SQL on one record) are looked
    at. `fields` (texts) and `marks` (true or false) of one record are found while conditions are written."""

    hashed: str
    ends: Mapping[str, int]
    fields: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)

    def same(self, text: str) -> str:
        """May this be the same in both records of a pair? (columns x0, x1, ... of the pair)"""
        pack, place = divmod(_place(self.fields, text), FIELDS)
        return f"x{pack} & cast({((1 << BITS) - 1) << BITS * place} as ubigint) = 0"

    def either(self, mark: str) -> str:
        """Does this hold for one record of a pair at least? (columns o0, o1, ... of the pair)"""
        pack, place = divmod(_place(self.marks, mark), MARKS)
        return f"o{pack} & cast({1 << place} as ubigint) <> 0"

    def one_edit(self, text: str, *, exchange: bool) -> str:
        """May the two texts be one edit apart? One edit (`exchange`: or two neighbours changing places) leaves the first k
        characters alone or the last k, in texts of 2 k (2 k + 1) characters and more."""
        size = self.ends[text]
        ends = (self.same(f"{end}({text}, {size})") for end in ("left", "right"))
        return f"({' or '.join(ends)} or {self.either(f'length({text}) < {2 * size + exchange}')})"

    @property
    def record_sql(self) -> str:
        """The columns s0, s1, ... (fields) and m0, m1, ... (marks) of one prepared record."""
        packed = ""
        for pack, part in enumerate(_parts(self.fields, FIELDS)):
            hashes = (f"((coalesce({self.hashed.format(text)}, 0) >> {64 - BITS}) << {BITS * place})" for place, text in enumerate(part))
            packed += f", {' | '.join(hashes)} as s{pack}"
        for pack, part in enumerate(_parts(self.marks, MARKS)):
            bits = (f"(cast(coalesce({mark}, false) as ubigint) << {place})" for place, mark in enumerate(part))
            packed += f", {' | '.join(bits)} as m{pack}"
        return packed

    @property
    def pair_sql(self) -> str:
        """The columns x0, ..., o0, ... of a pair of records l and r."""
        parts = [f"xor(l.s{pack}, r.s{pack}) as x{pack}" for pack in range(len(_parts(self.fields, FIELDS)))]
        parts += [f"l.m{pack} | r.m{pack} as o{pack}" for pack in range(len(_parts(self.marks, MARKS)))]
        return "".join(f", {sql}" for sql in parts)


def _place(known: list[str], text: str) -> int:
    if text not in known:
        known.append(text)
    return known.index(text)


def _parts(items: list[str], size: int) -> list[list[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


@singledispatch
def may_hold(_predicate: p.Predicate, _signs: Signs) -> str | None:
    """What must be true of the signs of a pair when the predicate holds; None: nothing is known."""
    return None


@may_hold.register
def _(predicate: p.Exact, signs: Signs) -> str | None:
    return signs.same(quoted(f"t_{predicate.column}"))


@may_hold.register
def _(predicate: p.Prefix, signs: Signs) -> str | None:
    return signs.same(f"left({quoted(f't_{predicate.column}')}, {predicate.length})")


@may_hold.register
def _(predicate: p.AnyNull, signs: Signs) -> str | None:
    return f"({' or '.join(signs.either(quoted('t_' + name) + ' is null') for name in predicate.names)})"


@may_hold.register
def _(predicate: p.Levenshtein, signs: Signs) -> str | None:
    if predicate.at_most != 1:
        return None
    return signs.one_edit(quoted(f"t_{predicate.column}"), exchange=isinstance(predicate, p.Damerau))


@may_hold.register
def _(predicate: p.DateOneTypo, signs: Signs) -> str | None:
    return signs.one_edit(quoted(f"n_{predicate.column}"), exchange=True)


@may_hold.register
def _(predicate: p.MonthDaySwapped, signs: Signs) -> str | None:
    return signs.same(f"left({quoted(f't_{predicate.column}')}, 4)")


@may_hold.register
def _(predicate: p.AllOf, signs: Signs) -> str | None:
    known = [sql for part in predicate.parts if (sql := may_hold(part, signs)) is not None]
    return f"({' and '.join(known)})" if known else None


@may_hold.register
def _(predicate: p.AnyOf, signs: Signs) -> str | None:
    parts = [may_hold(part, signs) for part in predicate.parts]
    return None if None in parts else f"({' or '.join(str(part) for part in parts)})"


def edited_texts(model: LinkageModel) -> tuple[str, ...]:
    """The texts of one record (SQL) of which one edit is looked for, sorted."""
    leaves = [leaf for c in model.comparisons for level in c.levels if level.when is not None for leaf in p.leaves(level.when)]
    one = {quoted(f"t_{leaf.column}") for leaf in leaves if isinstance(leaf, p.Levenshtein) and leaf.at_most == 1}
    return tuple(sorted(one | {quoted(f"n_{leaf.column}") for leaf in leaves if isinstance(leaf, p.DateOneTypo)}))


def end_size(length: float | None) -> int:
    """How many characters of each end are looked at, for texts of this average length."""
    return max(1, int((length or 0) - 1) // 2)


def most_weights(comparison: Comparison) -> list[tuple[Level, float]]:
    """Each level with the most that it can weigh, frequency included, the heaviest first."""
    adjusted = adjusted_levels(comparison)
    found = [
        (level, level.weight + (_most_gain(*adjusted[number][1:]) if number in adjusted else 0.0))
        for number, level in zip(comparison.numbers, comparison.levels, strict=True)
    ]
    return sorted(found, key=lambda one: -one[1])


def _most_gain(base: float, floor: float, factor: float) -> float:
    """The most that a frequency between `floor` and 1 can add to a weight."""
    rare = factor * (math.log2(base) - math.log2(floor)) if floor else math.copysign(math.inf, factor)
    return max(0.0, rare, factor * math.log2(base))


def bound_sql(comparison: Comparison, signs: Signs) -> tuple[str, float]:
    """The most that a comparison can weigh, by the signs of a pair; and the least that this can come to."""
    cases = ""
    for level, weight in most_weights(comparison):
        held = None if level.when is None else may_hold(level.when, signs)
        value = repr(weight) if math.isfinite(weight) else "cast('infinity' as double)"
        if held is None:
            return (f"case{cases} else {value} end" if cases else value), weight
        cases += f" when {held} then {value}"
    raise AssertionError("the last level has no condition")


def reach_sql(model: LinkageModel, signs: Signs, least: float) -> str | None:
    """May a pair with these signs weigh `least`? None: there are no signs by which it could not."""
    bounds = [bound_sql(comparison, signs) for comparison in model.comparisons]
    if sum(weight for _, weight in bounds) >= least:
        return None
    return f"{' + '.join(sql for sql, _ in bounds)} >= {least - SLACK!r}"
