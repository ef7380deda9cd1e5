"""Dates by declared forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from pipelines.locales.generic.options import DATE_TOKENS, DateOptions

GROUPS = {
    "YYYY": r"(?P<y>\d{4})", "YY": r"(?P<yy>\d{2})", "MON": r"(?P<mon>[a-z]{3})[a-z]*", "MM": r"(?P<m>\d{2})", "M": r"(?P<m>\d{1,2})",
    "DD": r"(?P<d>\d{2})", "D": r"(?P<d>\d{1,2})", "HH": r"\d{1,2}", "MI": r"\d{2}", "SS": r"\d{2}(?:\.\d+)?",
    "EXCEL1900": r"(?P<serial>\d{4,5})(?:\.\d+)?",
}  # fmt: skip
FIRST, LAST = 1800, 2100
NOTHING = frozenset({"unknown", "n/k", "nk", "n/a", "na", "none", "null", "nat", "nan", "?", "-", "0"})


@dataclass(frozen=True)
class ReadDate:
    """One date read; the first day stands for a month or a year."""

    date: date | None
    precision: str | None
    kind: str


@dataclass(frozen=True)
class Forms:
    """Declared forms as patterns."""

    patterns: tuple[re.Pattern[str], ...]
    placeholders: frozenset[date]
    pivot: int
    months: tuple[str, ...]


def compiled(options: DateOptions) -> Forms:
    """Turn forms into patterns; a form with the time left out is a form of its own."""
    placeholders = frozenset(date.fromisoformat(text) for text in options.placeholders)
    return Forms(tuple(map(pattern, options.forms)), placeholders, options.pivot, options.months)


@lru_cache(maxsize=500)
def pattern(form: str) -> re.Pattern[str]:
    """A form as a regular expression: tokens as digits, ``T`` and spaces as they are, other signs as themselves."""
    parts, place = [], 0
    for token in DATE_TOKENS.finditer(form):
        parts += [re.escape(form[place : token.start()].lower()), GROUPS[token[0]]]
        place = token.end()
    return re.compile("".join(parts) + re.escape(form[place:].lower()), re.ASCII)


def read(raw: str, forms: Forms) -> ReadDate:
    """Read one cell by the first form that fits and names a day that exists."""
    text = " ".join(raw.strip().strip("'\ufeff").lower().split())
    if not text:
        return ReadDate(None, None, "blank")
    if text in NOTHING or (set(text) <= set("0-/. ") and "0" in text):
        return ReadDate(None, None, "placeholder")
    for expression in forms.patterns:
        found = expression.fullmatch(text)
        read_date = _built(found.groupdict(), forms) if found else None
        if read_date:
            return ReadDate(None, None, "placeholder") if read_date.date in forms.placeholders else read_date
    return ReadDate(None, None, "unparsed")


def _built(told: dict[str, str], forms: Forms) -> ReadDate | None:
    if "serial" in told:
        return ReadDate(date(1899, 12, 30) + timedelta(days=int(told["serial"])), "day", "serial") if int(told["serial"]) > 60 else None
    year = int(told["y"]) if "y" in told else int(told.get("yy", -1)) + (2000 if int(told.get("yy", -1)) <= forms.pivot else 1900)
    month = forms.months.index(told["mon"]) + 1 if told.get("mon") in forms.months else int(told.get("m", 0))
    day = int(told.get("d", 0))
    if not FIRST <= year <= LAST or (day and not month) or ("mon" in told and not month):
        return None
    try:
        built = date(year, month or 1, day or 1)
    except ValueError:
        return None
    return ReadDate(built, "day" if day else "month" if month else "year", "ok")
