"""Models as SQL: one translation of the vocabulary, for every engine that speaks SQL.

Records are first brought into a prepared table: `id`, `is_new`, and for each column x of the model, as needed,
`t_x` (text), `d_x` (date), `n_x` (text without hyphens), `w_x` (its different words, a list), `f_x` (frequency of the value). What differs between
databases is a `Dialect`. Conditions may come out null; in a CASE that counts as false, and under NOT it is made false.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

from matching import predicates as p
from matching.compare.vectorised import SLACK
from matching.model import Block, Comparison, LinkageModel
from matching.score import adjusted_levels, comparison_weights, frequency_column, level_column, to_weight


@dataclass(frozen=True)
class Dialect:
    """How one database says it. Functions take the column's name, the SQL of both sides, and the limit; texts have
    `{0}` (and `{1}`) where the SQL of the operands goes.

    `explode`: one row for each element of a list; `once`: the word that makes a WITH query run once; `is_ascii`: the
    test that tells for which columns the database's own distances count characters (None: never use them); `hashed`: 64 bits
    of one text or several; `signs`: these are unsigned, and pairs can be judged by `signs`.
    """

    name: str
    text: str
    levenshtein: Callable[[str, str, str, int], str]
    damerau: Callable[[str, str, str, int], str]
    jaro_winkler: Callable[[str, str, str, float], str]
    days_between: str
    date: str
    words: str
    shared: str
    explode: str
    once: str
    is_ascii: str | None
    hashed: str
    signs: bool = False


@dataclass(frozen=True)
class Names:
    """How the two sides of a prepared column such as t_name are called: `l.t_name`, or `t_name_l` when `flat`."""

    flat: bool = False

    def of(self, form: str, column: str) -> tuple[str, str]:
        if self.flat:
            return quoted(f"{form}_{column}_l"), quoted(f"{form}_{column}_r")
        name = quoted(f"{form}_{column}")
        return f"l.{name}", f"r.{name}"


BOTH = Names()
"""Tables l and r."""


def quoted(name: str) -> str:
    """A name that is safe in SQL; plain where it can be."""
    return name if name.isidentifier() and name.isascii() else '"' + name.replace('"', '""') + '"'


def text_sql(name: str, kind: str, dialect: Dialect) -> str:
    """A column of this type (its name in capitals) as text; a moment counts as its day."""
    column = quoted(name)
    return dialect.text.format(f"cast({column} as date)" if kind.startswith("TIMESTAMP") else column)


@singledispatch
def condition(predicate: p.Predicate, dialect: Dialect, _names: Names) -> str:
    """The SQL of a predicate on one pair.

    Raises:
        PredicateError: the predicate has no translation yet.
    """
    raise p.PredicateError(f"engine {dialect.name} does not know {type(predicate).__name__}")


@condition.register
def _(predicate: p.Exact, _dialect: Dialect, names: Names) -> str:
    return " = ".join(names.of("t", predicate.column))


def _crossing(predicate: p.Crossed, names: Names) -> tuple[str, str]:
    (first_l, first_r), (second_l, second_r) = names.of("t", predicate.first), names.of("t", predicate.second)
    return f"{first_l} = {second_r}", f"{second_l} = {first_r}"


@condition.register
def _(predicate: p.Crossed, _dialect: Dialect, names: Names) -> str:
    return f"({' or '.join(_crossing(predicate, names))})"


@condition.register
def _(predicate: p.Swapped, _dialect: Dialect, names: Names) -> str:
    return f"({' and '.join(_crossing(predicate, names))})"


@condition.register
def _(predicate: p.AnyNull, _dialect: Dialect, names: Names) -> str:
    return f"({' or '.join(f'{side} is null' for name in predicate.names for side in names.of('t', name))})"


@condition.register
def _(predicate: p.BothNull, _dialect: Dialect, names: Names) -> str:
    return f"({' and '.join(f'{side} is null' for name in predicate.names for side in names.of('t', name))})"


@condition.register
def _(predicate: p.Levenshtein, dialect: Dialect, names: Names) -> str:
    return dialect.levenshtein(predicate.column, *names.of("t", predicate.column), predicate.at_most)


@condition.register
def _(predicate: p.Damerau, dialect: Dialect, names: Names) -> str:
    return dialect.damerau(predicate.column, *names.of("t", predicate.column), predicate.at_most)


@condition.register
def _(predicate: p.JaroWinkler, dialect: Dialect, names: Names) -> str:
    return dialect.jaro_winkler(predicate.column, *names.of("t", predicate.column), predicate.at_least - SLACK)


@condition.register
def _(predicate: p.DaysApart, dialect: Dialect, names: Names) -> str:
    left, right = names.of("d", predicate.column)
    return f"abs({dialect.days_between.format(left, right)}) <= {predicate.at_most}"


@condition.register
def _(predicate: p.MonthDaySwapped, _dialect: Dialect, names: Names) -> str:
    left, right = names.of("d", predicate.column)
    parts = (("year", "year"), ("month", "day"), ("day", "month"))
    exchanged = " and ".join(f"{a}({left}) = {b}({right})" for a, b in parts)
    return f"({left} <> {right} and {exchanged})"


@condition.register
def _(predicate: p.DateOneTypo, dialect: Dialect, names: Names) -> str:
    left, right = names.of("n", predicate.column)
    near = dialect.damerau(predicate.column, left, right, 1)
    return f"(length({left}) = length({right}) and {left} <> {right} and {near})"


@condition.register
def _(predicate: p.Prefix, _dialect: Dialect, names: Names) -> str:
    return " = ".join(f"left({side}, {predicate.length})" for side in names.of("t", predicate.column))


@condition.register
def _(predicate: p.Contains, _dialect: Dialect, names: Names) -> str:
    left, right = names.of("t", predicate.column)
    inside = " or ".join(f"position({b} in {a}) > 0" for a, b in ((left, right), (right, left)))
    return f"(least(length({left}), length({right})) >= {predicate.at_least} and ({inside}))"


@condition.register
def _(predicate: p.SharedTokens, dialect: Dialect, names: Names) -> str:
    return f"{dialect.shared.format(*names.of('w', predicate.column))} >= {predicate.at_least}"


@condition.register
def _(predicate: p.AllOf, dialect: Dialect, names: Names) -> str:
    return f"({' and '.join(condition(part, dialect, names) for part in predicate.parts)})"


@condition.register
def _(predicate: p.AnyOf, dialect: Dialect, names: Names) -> str:
    return f"({' or '.join(condition(part, dialect, names) for part in predicate.parts)})"


@condition.register
def _(predicate: p.Not, dialect: Dialect, names: Names) -> str:
    return f"(not coalesce({condition(predicate.part, dialect, names)}, false))"


def level_sql(comparison: Comparison, dialect: Dialect, names: Names = BOTH) -> str:
    """The CASE that gives the level number of a pair."""
    cases = [
        f"when {condition(level.when, dialect, names)} then {number}"
        for level, number in zip(comparison.levels, comparison.numbers, strict=True)
        if level.when is not None
    ]
    return f"cast(case {' '.join(cases)} else {comparison.numbers[-1]} end as tinyint)"


def frequency_sql(comparison: Comparison) -> str | None:
    """The frequency of a pair's value at the level of the pair (from columns l.f_x, r.f_x); None if none counts."""
    adjusted = adjusted_levels(comparison)
    if not adjusted:
        return None
    column = level_column(comparison.name)
    cases = " ".join(
        f"when {number} then greatest(coalesce({left}, {right}), coalesce({right}, {left}))"
        for number, (name, *_) in adjusted.items()
        for left, right in [(f"{quoted('f_' + name)}_l", f"{quoted('f_' + name)}_r")]
    )
    return f"case {column} {cases} end"


def weight_sql(comparison: Comparison) -> str:
    """The weight of one comparison, from its level and frequency columns."""
    level = level_column(comparison.name)
    frequency = frequency_column(comparison.name)
    adjusted = adjusted_levels(comparison)
    cases = []
    for number, weight in comparison_weights(comparison).items():
        value = f"cast({weight!r} as double)"
        if number in adjusted:
            _, base, floor, factor = adjusted[number]
            gain = f"{factor!r} * ({math.log2(base)!r} - log2(greatest({frequency}, {floor!r})))"
            value = f"({value} + case when {frequency} is null then 0 else {gain} end)"
        cases.append(f"when {number} then {value}")
    return f"case {level} {' '.join(cases)} end"


def total_sql(model: LinkageModel) -> str:
    """The weight of a pair: the sum over comparisons, in the order of the model."""
    return " + ".join(weight_sql(comparison) for comparison in model.comparisons)


def probability_sql(weight: str, model: LinkageModel) -> str:
    """The probability that goes with a weight."""
    odds = f"({weight} + {to_weight(model.prior)!r})"
    small = f"power(cast(2 as double), -abs({odds}))"
    return f"case when {odds} >= 0 then 1.0 / (1.0 + {small}) else {small} / (1.0 + {small}) end"


def key_sql(key: p.Key) -> str:
    """The blocking key of a record, on the prepared table (a list of words for `tokens`)."""
    if key.transform == "tokens":
        return quoted(f"w_{key.column}")
    text = quoted(f"t_{key.column}")
    return f"left({text}, {key.characters})" if key.characters else text


def block_condition(block: Block) -> str:
    """A blocking rule as a condition on tables l and r.

    Raises:
        ValueError: the rule splits a text into words, which is no equality.
    """
    if block.exploding:
        raise ValueError(f"{block.name} is not an equality of two records")
    parts = []
    for key in block.keys:
        left, right = BOTH.of("t", key.column)
        parts.append(f"left({left}, {key.characters}) = left({right}, {key.characters})" if key.characters else f"{left} = {right}")
    return " and ".join(parts)


def forms(model: LinkageModel) -> dict[str, set[str]]:
    """Which forms of each column are needed: t (text) always, d (date), n (digits), w (words), f (frequency)."""
    needed = {column: {"t"} for column in model.columns}
    kinds = {"date": "d", "digits": "n", "tokens": "w"}
    for comparison in model.comparisons:
        for level in comparison.levels:
            for leaf in p.leaves(level.when) if level.when is not None else ():
                for column in leaf.columns:
                    needed[column] |= {kinds[leaf.kind]} if leaf.kind in kinds else set()
    for column in model.frequency_columns:
        needed[column].add("f")
    for block in model.blocks:
        for key in block.keys:
            needed[key.column] |= {"w"} if key.transform == "tokens" else set()
    return needed


def fuzzy_columns(model: LinkageModel) -> tuple[str, ...]:
    """The columns that edit distances or similarities are taken of, sorted."""
    found = {
        column
        for comparison in model.comparisons
        for level in comparison.levels
        if level.when is not None
        for leaf in p.leaves(level.when)
        if isinstance(leaf, p.Levenshtein | p.JaroWinkler | p.DateOneTypo)
        for column in leaf.columns
    }
    return tuple(sorted(found))
