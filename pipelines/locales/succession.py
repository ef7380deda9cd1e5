"""Who took over whom: old codes of places and the codes in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd


@dataclass(frozen=True)
class Succession:
    """Who took over whom, code by code."""

    later: Mapping[str, tuple[str, ...]]
    ends: Mapping[str, date]

    def current(self, code: str, on: date) -> tuple[str, ...]:
        """The codes in force on a day that stand for ``code``: itself while it lasts, then its successors', in table order."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        queue = [code]
        while queue:
            now = queue.pop(0)
            if now in seen:
                continue
            seen.add(now)
            later = self.later.get(now, ()) if self.ends.get(now, date.max) < on else ()
            queue.extend(later)
            if not later:
                found[now] = None
        return tuple(found)

    @cached_property
    def closure(self) -> dict[str, frozenset[str]]:
        """Code -> all codes that it became, itself included."""
        return {code: self._reach(code) for code in self.later}

    def one_place(self, one: str, two: str) -> bool:
        """Whether two codes are the same or one became the other; two that merged into a third stay two places."""
        return one == two or two in self.closure.get(one, ()) or one in self.closure.get(two, ())

    def _reach(self, code: str) -> frozenset[str]:
        seen: set[str] = set()
        queue = [code]
        while queue:
            now = queue.pop()
            if now not in seen:
                seen.add(now)
                queue.extend(self.later.get(now, ()))
        return frozenset(seen)


def succession_of(table: pd.DataFrame, since: date = date.min) -> Succession:
    """Read successors from a table of spells (code, valid_to, successor joined by ``|``); spells that ended before ``since`` don't count.

    A code that is in force again, or still, has no end.
    """
    later: dict[str, dict[str, None]] = {}
    ends: dict[str, date] = {}
    for code, last, successor in zip(table["code"], table["valid_to"], table["successor"], strict=True):
        end = date.max if pd.isna(last) else last.date()
        ends[code] = max(ends.get(code, date.min), end)
        if successor and end >= since:
            later.setdefault(code, {}).update(dict.fromkeys(c for c in successor.split("|") if c != code))
    return Succession({code: tuple(codes) for code, codes in later.items() if codes}, ends)


def place_level(one: str | None, two: str | None, known: Succession) -> str:
    """Level of two codes: same, successor, different or missing."""
    if one is None or two is None:
        return "missing"
    if one == two:
        return "same"
    return "successor" if known.one_place(one, two) else "different"
