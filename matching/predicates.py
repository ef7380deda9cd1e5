"""The small vocabulary that comparison levels and blocking keys are written in.

A predicate says something about one pair of records, and is true or false, never unknown: what needs a value that
one side lacks is false. Every predicate is symmetric, so that it does not matter which record of a pair comes first.
Text is compared by Unicode code point. Each engine translates each predicate once; none adds its own.

| written | true when |
|---|---|
| `exact(a)` | the values are equal |
| `crossed(a, b)` | a of one record equals b of the other, in one direction at least |
| `swapped(a, b)` | a of one equals b of the other, in both directions |
| `any_null(a, ...)` | one of the columns is missing on one side at least |
| `both_null(a, ...)` | all the columns are missing on both sides |
| `levenshtein(a) <= n` | at most n edits apart |
| `damerau(a) <= n` | at most n edits apart, two neighbours changing places being one |
| `jaro_winkler(a) >= t` | Jaro-Winkler similarity of at least t (Winkler 1990, prefix weight 0.1, boost from 0.7) |
| `days_apart(a) <= n` | both are dates, at most n days apart |
| `month_day_swapped(a)` | both are dates of one year, differing, month and day exchanged |
| `date_one_typo(a)` | as digits the dates differ by one digit, or by two neighbours exchanged |
| `prefix(a, n)` | the first n characters are equal |
| `contains(a, n)` | one value contains the other, which is at least n characters long |
| `shared_tokens(a) >= n` | at least n different words, split at spaces, are in both |
| `p and q`, `p or q`, `not p` | as usual |
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, fields
from typing import Any, Literal, cast

Kind = Literal["text", "date", "digits", "tokens", "value"]


class PredicateError(ValueError):
    """A level or blocking key is not written in the vocabulary of this module."""


@dataclass(frozen=True)
class Predicate:
    """Base of the vocabulary; `kind` is the form in which the columns are needed."""

    @property
    def kind(self) -> Kind:
        return "text"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns read, in order of mention, each once."""
        return (self.column,) if hasattr(self, "column") else ()


@dataclass(frozen=True)
class Exact(Predicate):
    """The values are equal."""

    column: str

    @property
    def kind(self) -> Kind:
        return "value"


@dataclass(frozen=True)
class Crossed(Predicate):
    """`first` of one record equals `second` of the other, in one direction at least."""

    first: str
    second: str

    @property
    def kind(self) -> Kind:
        return "value"

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.first, self.second)


@dataclass(frozen=True)
class Swapped(Crossed):
    """`first` of one record equals `second` of the other, in both directions."""


@dataclass(frozen=True)
class AnyNull(Predicate):
    """One of the columns is missing on one side at least."""

    names: tuple[str, ...]

    @property
    def kind(self) -> Kind:
        return "value"

    @property
    def columns(self) -> tuple[str, ...]:
        return self.names


@dataclass(frozen=True)
class BothNull(AnyNull):
    """All the columns are missing on both sides."""


@dataclass(frozen=True)
class Levenshtein(Predicate):
    """At most so many edits apart."""

    column: str
    at_most: int


@dataclass(frozen=True)
class Damerau(Levenshtein):
    """At most so many edits apart, two neighbours changing places being one (unrestricted Damerau-Levenshtein distance)."""


@dataclass(frozen=True)
class JaroWinkler(Predicate):
    """A Jaro-Winkler similarity of at least so much."""

    column: str
    at_least: float


@dataclass(frozen=True)
class DaysApart(Predicate):
    """Both are dates, at most so many days apart."""

    column: str
    at_most: int

    @property
    def kind(self) -> Kind:
        return "date"


@dataclass(frozen=True)
class MonthDaySwapped(Predicate):
    """Both are dates of one year, differing, month and day exchanged."""

    column: str

    @property
    def kind(self) -> Kind:
        return "date"


@dataclass(frozen=True)
class DateOneTypo(Predicate):
    """As digits the dates differ by one digit, or by two neighbours exchanged."""

    column: str

    @property
    def kind(self) -> Kind:
        return "digits"


@dataclass(frozen=True)
class Prefix(Predicate):
    """The first characters are equal."""

    column: str
    length: int


@dataclass(frozen=True)
class Contains(Predicate):
    """One value contains the other, which has at least so many characters."""

    column: str
    at_least: int


@dataclass(frozen=True)
class SharedTokens(Predicate):
    """At least so many different words are in both."""

    column: str
    at_least: int

    @property
    def kind(self) -> Kind:
        return "tokens"


@dataclass(frozen=True)
class AllOf(Predicate):
    """Every part holds."""

    parts: tuple[Predicate, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(column for part in self.parts for column in part.columns))


@dataclass(frozen=True)
class AnyOf(AllOf):
    """One part holds at least."""


@dataclass(frozen=True)
class Not(Predicate):
    """The part does not hold."""

    part: Predicate

    @property
    def columns(self) -> tuple[str, ...]:
        return self.part.columns


def leaves(predicate: Predicate) -> tuple[Predicate, ...]:
    """The predicates inside `and`, `or` and `not`, from left to right."""
    if isinstance(predicate, AllOf):
        return tuple(leaf for part in predicate.parts for leaf in leaves(part))
    return leaves(predicate.part) if isinstance(predicate, Not) else (predicate,)


Transform = Literal["whole", "prefix", "year", "year_month", "tokens"]


@dataclass(frozen=True)
class Key:
    """One part of a blocking rule: a column, or something made of it.

    `prefix` takes the first `length` characters, `year` and `year_month` the first 4 and 7 characters of a date in
    ISO form, `tokens` each word (a record then stands in several blocks).
    """

    column: str
    transform: Transform = "whole"
    length: int = 0

    @property
    def characters(self) -> int:
        """How many leading characters count; 0 means all."""
        return {"year": 4, "year_month": 7}.get(self.transform, self.length)


PLAIN: dict[str, type[Predicate]] = {
    "exact": Exact,
    "crossed": Crossed,
    "swapped": Swapped,
    "month_day_swapped": MonthDaySwapped,
    "date_one_typo": DateOneTypo,
    "prefix": Prefix,
    "contains": Contains,
}
NULLS: dict[str, type[AnyNull]] = {"any_null": AnyNull, "both_null": BothNull}
AT_MOST: dict[str, type[Predicate]] = {"levenshtein": Levenshtein, "damerau": Damerau, "days_apart": DaysApart}
AT_LEAST: dict[str, type[Predicate]] = {"jaro_winkler": JaroWinkler, "shared_tokens": SharedTokens}
WORDS = (*PLAIN, *NULLS, *AT_MOST, *AT_LEAST)


def parse(text: str) -> Predicate:
    """Read a predicate, for example `exact(name) or levenshtein(name) <= 1`.

    Raises:
        PredicateError: the text is not in the vocabulary; the message says which word, and what there is.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise PredicateError(f"cannot be read: {error.msg} at character {error.offset}") from None
    return _predicate(tree)


def _predicate(node: ast.expr) -> Predicate:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return AllOf(tuple(_predicate(value) for value in values))
        case ast.BoolOp(values=values):
            return AnyOf(tuple(_predicate(value) for value in values))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return Not(_predicate(operand))
        case ast.Call(func=ast.Name(id=word)) if word in NULLS:
            return NULLS[word](names=tuple(str(argument) for argument in _arguments(node, word, (str,) * len(node.args))))
        case ast.Call(func=ast.Name(id=word)) if word in PLAIN:
            kinds = tuple(int if field.type == "int" else str for field in fields(PLAIN[word]))
            return PLAIN[word](*_arguments(node, word, kinds))
        case ast.Compare(left=ast.Call(func=ast.Name(id=word)) as call, ops=[op], comparators=[ast.Constant(value=limit)]):
            return _measured(call, word, op, limit)
        case ast.Call(func=ast.Name(id=word)) if word in AT_MOST or word in AT_LEAST:
            raise PredicateError(f"{word} needs a limit: {word}(column) {'<= n' if word in AT_MOST else '>= n'}")
        case ast.Call(func=ast.Name(id=word)):
            raise PredicateError(f"unknown word {word}; there are {', '.join(WORDS)}")
    raise PredicateError("expected word(column, ...), joined by and, or, not")


def _measured(call: ast.Call, word: str, op: ast.cmpop, limit: object) -> Predicate:
    known, sign = (AT_MOST, ast.LtE) if word in AT_MOST else (AT_LEAST, ast.GtE)
    if word not in known:
        raise PredicateError(f"unknown word {word}; there are {', '.join(WORDS)}")
    if not isinstance(op, sign) or isinstance(limit, bool) or not isinstance(limit, int | float):
        raise PredicateError(f"{word} is written {word}(column) {'<=' if sign is ast.LtE else '>='} number")
    (column,) = _arguments(call, word, (str,))
    if word == "jaro_winkler":
        if not 0 < limit <= 1:
            raise PredicateError("jaro_winkler has a limit above 0 and up to 1")
        return JaroWinkler(str(column), float(limit))
    if int(limit) != limit or limit < (0 if known is AT_MOST else 1):
        raise PredicateError(f"{word} has a whole number as limit")
    make: Any = known[word]
    return cast("Predicate", make(column, int(limit)))


def _arguments(call: ast.Call, word: str, kinds: tuple[type, ...]) -> list[Any]:
    if len(call.args) != len(kinds) or not kinds or call.keywords:
        raise PredicateError(f"{word} takes {len(kinds) or 'at least one'} argument(s)")
    values: list[Any] = []
    for argument, kind in zip(call.args, kinds, strict=True):
        value: Any = argument.id if isinstance(argument, ast.Name) else getattr(argument, "value", None)
        if type(value) is not kind or value in (0, ""):
            raise PredicateError(f"{word}: expected {'a number from 1' if kind is int else 'a column name'}")
        values.append(value)
    return values


def parse_key(text: str) -> Key:
    """Read one blocking key: `birth_date`, `prefix(name, 2)`, `year(birth_date)`, `year_month(..)` or `tokens(..)`.

    Raises:
        PredicateError: it is none of these.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise PredicateError(f"cannot be read: {error.msg} at character {error.offset}") from None
    match tree:
        case ast.Name(id=column):
            return Key(column)
        case ast.Call(func=ast.Name(id="prefix")):
            column, length = _arguments(tree, "prefix", (str, int))
            return Key(column, "prefix", length)
        case ast.Call(func=ast.Name(id=("year" | "year_month" | "tokens") as word)):
            (column,) = _arguments(tree, word, (str,))
            return Key(column, word)
    raise PredicateError("expected a column, prefix(column, n), year(column), year_month(column) or tokens(column)")


def write_key(key: Key) -> str:
    """The text from which `parse_key` makes this key."""
    if key.transform == "whole":
        return key.column
    return f"prefix({key.column}, {key.length})" if key.transform == "prefix" else f"{key.transform}({key.column})"


def write(predicate: Predicate) -> str:
    """The text from which `parse` makes this predicate.

    >>> write(parse("exact(name)  or not (levenshtein(name)<=1 and exact(sex))"))
    'exact(name) or not (levenshtein(name) <= 1 and exact(sex))'
    """
    if isinstance(predicate, AllOf):
        joint = " or " if isinstance(predicate, AnyOf) else " and "
        return joint.join(_inner(part) for part in predicate.parts)
    if isinstance(predicate, Not):
        return f"not {_inner(predicate.part)}"
    word = next(word for word, kind in {**PLAIN, **NULLS, **AT_MOST, **AT_LEAST}.items() if kind is type(predicate))
    values = [getattr(predicate, field.name) for field in fields(predicate)]
    if word in NULLS:
        return f"{word}({', '.join(values[0])})"
    if word in PLAIN:
        return f"{word}({', '.join(str(value) for value in values)})"
    return f"{word}({values[0]}) {'<=' if word in AT_MOST else '>='} {values[1]}"


def _inner(predicate: Predicate) -> str:
    return f"({write(predicate)})" if isinstance(predicate, AllOf) else write(predicate)
