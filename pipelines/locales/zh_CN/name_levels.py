"""How two names compare: one level, the strongest that holds. The order is ``base.NAME_LEVELS``; docs/locales.md shows each by example.

The measure is symmetric, and a name that says something is ``same`` as itself. Levels are for weighing, not for deciding: 肖 and 萧
are a ``variant`` of each other, with its own m and u, not one character.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

import numpy as np
import pandas as pd

from pipelines.locales.distinct import objects, pair_codes
from pipelines.locales.zh_CN import characters as tables
from pipelines.locales.zh_CN.name_text import TITLE, readings_at, tokens
from pipelines.locales.zh_CN.pinyin import plain_letters, regional

MOST_SPELLINGS = 64
LONGEST_ALIGNED = 12


@dataclass(frozen=True)
class Known:
    """One standardised name, as the comparison needs it.

    ``habit``: the fold with habitual pairs merged; ``parts``: tokens folded; ``han``: all are ideographs; ``odd``: a rare one, a
    stand-in or Latin is among them.
    """

    name: str
    fold: str
    habit: str
    kind: str
    parts: tuple[str, ...]
    han: bool
    odd: bool


def compare_names(left: pd.Series, right: pd.Series, standardise: Callable[[pd.Series], pd.DataFrame]) -> pd.Series:
    """Level of each aligned pair (by position, answered in the left index); computed once per distinct pair."""
    one, two, first, second, rows = pair_codes(left, right)
    lefts, rights = (known_names(standardise(pd.Series(side.values, dtype=object))) for side in (one, two))
    levels = [_level(lefts[i], rights[j]) for i, j in zip(first.tolist(), second.tolist(), strict=True)]
    return pd.Series(objects(levels)[rows], index=left.index, name="name_level")


def known_names(frame: pd.DataFrame) -> list[Known | None]:
    """One entry per standardised name, null for cells that say nothing, and a last null for blank cells."""
    columns = (frame[c] for c in ("name", "name_fold", "name_kind"))
    return [known(*row) for row in zip(*columns, strict=True)] + [None]


def known(name: str | None, fold: str | None, kind: str) -> Known | None:
    """Prepare one standardised name."""
    if name is None or fold is None:
        return None
    parts = cut(name)
    odd = any(len(t) > 1 or t == "*" or not tables.is_everyday(t) or t in tables.components() for t in parts)
    return Known(name, fold, fold.translate(habits()), kind, parts, all_han(parts), odd)


def _level(one: Known | None, two: Known | None) -> str:
    return "missing" if one is None or two is None else level(one, two)


def level(one: Known, two: Known) -> str:
    """Level of two names that both say something."""
    if one.name == two.name:
        return "same"
    if "newborn" in (one.kind, two.kind):
        return _newborn(one, two)
    if one.habit == two.habit:
        return "variant"
    for name, test in TESTS:
        if test(one, two):
            return name
    return "different"


def _newborn(one: Known, two: Known) -> str:
    """A stand-in name says whose child it is, not who: two of one parent agree in part, else nothing is known."""
    if one.kind == two.kind:
        return "partial" if one.fold.split("之")[0] == two.fold.split("之")[0] else "different"
    return "missing"


@cache
def habits() -> dict[int, str]:
    """Habitual pairs for ``str.translate``."""
    return {ord(character): base for character, base in tables.habitual_pairs().items()}


def cut(name: str) -> tuple[str, ...]:
    """Tokens of a name with ideographs folded."""
    table = tables.fold_map()
    return tuple(t.translate(table) if len(t) == 1 else t for t in tokens(name))


def all_han(parts: tuple[str, ...]) -> bool:
    """Whether there are tokens, and every one is an ideograph."""
    return bool(parts) and all(len(t) == 1 and tables.is_han(t) for t in parts)


def homophones(one: Known, two: Known) -> bool:
    """The same number of ideographs, each pair the same or alike in sound; at most one pair only as dialects merge them."""
    left, right = one.parts, two.parts
    if len(left) != len(right) or not (one.han and two.han):
        return False
    loose = 0
    for place, (a, b) in enumerate(zip(left, right, strict=True)):
        if a != b:
            alike = _alike(a, b, min(place, 1))
            loose += alike == 1
            if not alike or loose > 1:
                return False
    return True


@lru_cache(maxsize=100_000)
def _alike(a: str, b: str, place: int) -> int:
    """2 when two ideographs share a reading, 1 when only dialects merge them, else 0."""
    sounds, others = readings_at(a, place), readings_at(b, place)
    if set(sounds) & set(others):
        return 2
    return int(bool({*map(regional, sounds)} & {*map(regional, others)}))


def one_character(one: Known, two: Known) -> bool:
    """One ideograph exchanged, left out, doubled or swapped with its neighbour, three at least on the longer side.

    In a name of two only a character of like shape counts: 王伟 and 李伟 are two people, 王明 and 玉明 may be one.
    """
    left, right = one.parts, two.parts
    if not (one.han and two.han):
        return False
    if len(left) == len(right):
        unlike = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
        if len(unlike) == 1:
            return len(left) > 2 or (len(left) == 2 and unlike[0] in tables.shape_alikes())
        return len(left) > 2 and len(unlike) == 2 and unlike[0] == unlike[1][::-1] and _neighbours(left, right)
    shorter, longer = sorted((left, right), key=len)
    if len(longer) - len(shorter) != 1 or len(shorter) < 2 or longer[1:] == shorter:
        return False
    if any(tables.is_rare(c) for c in longer if c not in shorter):
        return False
    return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))


def _neighbours(left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    places = [i for i, (a, b) in enumerate(zip(left, right, strict=True)) if a != b]
    return places[1] - places[0] == 1


def rare_substitute(one: Known, two: Known) -> bool:
    """A character that could not be typed is a stand-in, its pinyin, its parts, or gone; as much agrees as is missing, at least."""
    left, right = one.parts, two.parts
    if not (one.odd or two.odd) or not 0 < min(len(left), len(right)) <= max(len(left), len(right)) <= LONGEST_ALIGNED:
        return False
    return any(same >= odd > 0 for same, odd in _alignments(left, right))


@lru_cache(maxsize=50_000)
def _alignments(left: tuple[str, ...], right: tuple[str, ...]) -> frozenset[tuple[int, int]]:
    """All ways to explain both names together: (equal ideographs, explained oddities)."""
    if not left or not right:
        gone = left + right
        dropped = len(gone) == 1 and all_han(gone) and tables.is_rare(gone[0])
        return frozenset({(0, 0)} if not gone else {(0, 1)} if dropped else ())
    ways: set[tuple[int, int]] = set()
    if left[0] == right[0] and left[0] != "*":
        ways |= {(same + 1, odd) for same, odd in _alignments(left[1:], right[1:])}
    for (a, b), turned in (((left, right), False), ((right, left), True)):
        for used, matched, cost in _explained(a, b):
            rest = (b[matched:], a[used:]) if turned else (a[used:], b[matched:])
            ways |= {(same, odd + cost) for same, odd in _alignments(*rest)}
    return frozenset(ways)


def _explained(odd: tuple[str, ...], plain: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """How many tokens at the head of ``odd`` explain how many ideographs of ``plain``, and at what cost.

    Parts that no table lists cost two: then two other characters must agree.
    """
    found: list[tuple[int, int, int]] = []
    head, target = odd[0], plain[0]
    if head == "*":
        found.append((1, 1, 1))
    if len(target) > 1 or not tables.is_han(target):
        return found
    if head.isascii() and head != "*":
        spelled = plain_letters(head)
        found += [(1, n, 1) for n in (1, 2) if len(plain) >= n and spelled in spellings(plain[:n], first=1)]
    for size in (2, 3, 4):
        if len(odd) >= size and "".join(odd[:size]) in _parts(target):
            found.append((size, 1, 1))
    if tables.is_rare(target):
        found.append((0, 1, 1))
    if not tables.is_everyday(target) and len(odd) >= 2 and all_han(odd[:2]):
        found.append((2, 1, 2))
    return found


def _parts(character: str) -> frozenset[str]:
    return tables.components().get(character, frozenset())


def spellings(parts: tuple[str, ...], first: int = 0) -> frozenset[str]:
    """The ways to write ideographs in toneless pinyin, without spaces; ``first`` is the place of the first one in its name."""
    choices = [readings_at(part, place) or ("?",) for place, part in enumerate(parts, first)]
    count = int(np.prod([len(c) for c in choices]))
    if count > MOST_SPELLINGS:
        choices = [c[:1] for c in choices]
    return frozenset("".join(spoken) for spoken in product(*choices))


def pinyin(one: Known, two: Known) -> bool:
    """One side is pinyin throughout, surname first or last; LU, LV, LYU and LÜ are one. Two Latin names: the same words in another order."""
    left, right = one.parts, two.parts
    if "latin" not in (one.kind, two.kind) or not left or not right:
        return False
    if one.kind == two.kind:
        return sorted(map(plain_letters, left)) == sorted(map(plain_letters, right))
    words, ideographs = (left, right) if one.kind == "latin" else (right, left)
    if not (two.han if one.kind == "latin" else one.han):
        return False
    written = {_one_u("".join(map(plain_letters, words[turn:] + words[:turn]))) for turn in range(len(words))}
    return bool(written & {_one_u(spelled) for spelled in spellings(ideographs)})


def _one_u(spelled: str) -> str:
    return spelled.replace("lyu", "lv").replace("lv", "lu").replace("nv", "nu")


def partial(one: Known, two: Known) -> bool:
    """One side is a part of the other.

    Name parts cut off or in another order, the given name or the surname alone, a title, stand-ins for all but the surname.
    """
    return _parts_agree(one, two) or _part_of(one, two) or _part_of(two, one)


def _parts_agree(one: Known, two: Known) -> bool:
    if "·" not in one.name + two.name:
        return False
    left, right = ({part for part in known.name.split("·") if len(part) > 1} for known in (one, two))
    common = left & right
    return bool(common) and common in (left, right)


def _part_of(short: Known, long: Known) -> bool:
    key, whole = short.fold, long.fold
    if short.kind == "partial":
        title = TITLE.fullmatch(key)
        bare = (title["rest"] if title else key).rstrip("氏…")
        return bool(bare) and whole.startswith(bare)
    left, right = short.parts, long.parts
    if "*" in left and len(left) > 1 and left[1:] == ("*",) * (len(left) - 1):
        return bool(right) and left[0] == right[0]
    if short.kind != "full" or len(key) >= len(whole):
        return False
    surname = 2 if whole[:2] in tables.compound_surnames() else 1
    cut_off = len(key) >= 2 and (len(whole) > 4 or "·" in long.name) and whole.startswith(key)
    return cut_off or (len(key) >= 2 and long.kind == "full" and whole[surname:] == key)


TESTS: tuple[tuple[str, Callable[[Known, Known], bool]], ...] = (
    ("homophone", homophones),
    ("one_character", one_character),
    ("rare_substitute", rare_substitute),
    ("pinyin", pinyin),
    ("partial", partial),
)
"""Level -> test, in the order in which they are tried."""
