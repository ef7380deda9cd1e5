"""What each predicate means, on columns of pairs: the reference that every other engine must agree with.

Costly measures are taken once for each distinct pair of values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.distance import JaroWinkler as Winkler
from rapidfuzz.distance import Levenshtein as Edits
from rapidfuzz.process import cpdist

from matching import predicates as p
from matching.compare.values import MISSING, Column, day_number, tokens
from matching.model import Comparison

Truth = NDArray[np.bool_]
SLACK = 1e-9
"""Similarities are compared with this slack, so that the last bit of a quotient decides nothing."""


@dataclass(frozen=True)
class Pairs:
    """Both sides of each pair, for each column; the two sides of a column share their codes."""

    left: Mapping[str, Column]
    right: Mapping[str, Column]

    def sides(self, name: str) -> tuple[Column, Column]:
        return self.left[name], self.right[name]

    def both(self, name: str) -> Truth:
        """Where both sides have a value."""
        left, right = self.sides(name)
        return np.asarray((left.codes != MISSING) & (right.codes != MISSING))

    def distinct(self, name: str, measure: Callable[[list[str], list[str]], Truth]) -> Truth:
        """Evaluate `measure` once per distinct pair of values; False where one is missing."""
        left, right = self.sides(name)
        held = self.both(name)
        keys, where = np.unique(left.codes[held] * len(left.values) + right.codes[held], return_inverse=True)
        first, second = np.divmod(keys, max(len(left.values), 1))
        found = measure([left.values[i] for i in first], [right.values[i] for i in second]) if len(keys) else keys > 0
        result = np.zeros(len(held), dtype=bool)
        result[held] = found[where]
        return result


@singledispatch
def holds(predicate: p.Predicate, _pairs: Pairs) -> Truth:
    """For which pairs is the predicate true? One boolean per pair.

    Raises:
        PredicateError: the predicate has no meaning here yet.
    """
    raise p.PredicateError(f"the reference engine does not know {type(predicate).__name__}")


@holds.register
def _(predicate: p.Exact, pairs: Pairs) -> Truth:
    left, right = pairs.sides(predicate.column)
    return np.asarray((left.codes == right.codes) & (left.codes != MISSING))


def _one_way(pairs: Pairs, first: str, second: str) -> Truth:
    """Is `first` of the left record equal to `second` of the right one?"""
    known = {value: code for code, value in enumerate(pairs.right[second].values)}
    lookup = np.array([known.get(value, MISSING) for value in pairs.left[first].values] + [MISSING], dtype=np.int64)
    codes = lookup[pairs.left[first].codes]
    return np.asarray((codes == pairs.right[second].codes) & (codes != MISSING))


@holds.register
def _(predicate: p.Crossed, pairs: Pairs) -> Truth:
    there = _one_way(pairs, predicate.first, predicate.second)
    return there | _one_way(pairs, predicate.second, predicate.first)


@holds.register
def _(predicate: p.Swapped, pairs: Pairs) -> Truth:
    there = _one_way(pairs, predicate.first, predicate.second)
    return there & _one_way(pairs, predicate.second, predicate.first)


@holds.register
def _(predicate: p.AnyNull, pairs: Pairs) -> Truth:
    return np.asarray(np.any([~pairs.both(name) for name in predicate.names], axis=0))


@holds.register
def _(predicate: p.BothNull, pairs: Pairs) -> Truth:
    sides = [side.codes for name in predicate.names for side in pairs.sides(name)]
    return np.asarray(np.all([codes == MISSING for codes in sides], axis=0))


@holds.register
def _(predicate: p.Levenshtein, pairs: Pairs) -> Truth:
    most = predicate.at_most
    return pairs.distinct(predicate.column, lambda a, b: cpdist(a, b, scorer=Edits.distance, dtype=np.int32) <= most)


@holds.register
def _(predicate: p.Damerau, pairs: Pairs) -> Truth:
    most = predicate.at_most
    scorer = DamerauLevenshtein.distance
    return pairs.distinct(predicate.column, lambda a, b: cpdist(a, b, scorer=scorer, dtype=np.int32) <= most)


@holds.register
def _(predicate: p.JaroWinkler, pairs: Pairs) -> Truth:
    least = predicate.at_least - SLACK
    scorer = Winkler.similarity
    return pairs.distinct(predicate.column, lambda a, b: cpdist(a, b, scorer=scorer, dtype=np.float64) >= least)


def _days(column: Column) -> NDArray[np.float64]:
    known = [day_number(value) for value in column.values]
    lookup = np.array([np.nan if day is None else day for day in known] + [np.nan])
    return np.asarray(lookup[column.codes])


@holds.register
def _(predicate: p.DaysApart, pairs: Pairs) -> Truth:
    left, right = pairs.sides(predicate.column)
    return np.asarray(np.abs(_days(left) - _days(right)) <= predicate.at_most)


@holds.register
def _(predicate: p.MonthDaySwapped, pairs: Pairs) -> Truth:
    def swapped(first: list[str], second: list[str]) -> Truth:
        return np.array([_exchanged(a, b) for a, b in zip(first, second, strict=True)], dtype=bool)

    return pairs.distinct(predicate.column, swapped)


def _exchanged(first: str, second: str) -> bool:
    if day_number(first) is None or day_number(second) is None or first == second:
        return False
    return first[:4] == second[:4] and first[5:7] == second[8:] and first[8:] == second[5:7]


@holds.register
def _(predicate: p.DateOneTypo, pairs: Pairs) -> Truth:
    def typo(first: list[str], second: list[str]) -> Truth:
        a, b = ([text.replace("-", "") for text in side] for side in (first, second))
        same_length = np.array([len(x) == len(y) for x, y in zip(a, b, strict=True)], dtype=bool)
        return np.asarray(same_length & (cpdist(a, b, scorer=DamerauLevenshtein.distance, dtype=np.int32) == 1))

    return pairs.distinct(predicate.column, typo)


@holds.register
def _(predicate: p.Prefix, pairs: Pairs) -> Truth:
    length = predicate.length
    left, right = (side.mapped(lambda text: text[:length]) for side in pairs.sides(predicate.column))
    return np.asarray((left.codes == right.codes) & (left.codes != MISSING))


@holds.register
def _(predicate: p.Contains, pairs: Pairs) -> Truth:
    least = predicate.at_least

    def contains(first: list[str], second: list[str]) -> Truth:
        both = ((a, b) if len(a) <= len(b) else (b, a) for a, b in zip(first, second, strict=True))
        return np.array([len(short) >= least and short in long for short, long in both], dtype=bool)

    return pairs.distinct(predicate.column, contains)


@holds.register
def _(predicate: p.SharedTokens, pairs: Pairs) -> Truth:
    def shared(first: list[str], second: list[str]) -> Truth:
        counts = (len(tokens(a) & tokens(b)) for a, b in zip(first, second, strict=True))
        return np.array([count >= predicate.at_least for count in counts], dtype=bool)

    return pairs.distinct(predicate.column, shared)


@holds.register
def _(predicate: p.AllOf, pairs: Pairs) -> Truth:
    return np.asarray(np.logical_and.reduce([holds(part, pairs) for part in predicate.parts]))


@holds.register
def _(predicate: p.AnyOf, pairs: Pairs) -> Truth:
    return np.asarray(np.logical_or.reduce([holds(part, pairs) for part in predicate.parts]))


@holds.register
def _(predicate: p.Not, pairs: Pairs) -> Truth:
    return ~holds(predicate.part, pairs)


def level_numbers(comparison: Comparison, pairs: Pairs) -> NDArray[np.int8]:
    """The level of each pair. A level is only looked at for the pairs that no earlier one took."""
    length = len(next(iter(pairs.left.values())).codes)
    result = np.full(length, comparison.numbers[-1], dtype=np.int8)
    open_ = np.arange(length)
    for level, number in zip(comparison.levels, comparison.numbers, strict=True):
        if level.when is None or not len(open_):
            continue
        rest = Pairs(*({name: side.at(open_) for name, side in both.items()} for both in (pairs.left, pairs.right)))
        taken = holds(level.when, rest)
        result[open_[taken]] = number
        open_ = open_[~taken]
    return result
