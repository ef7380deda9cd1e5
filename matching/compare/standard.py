"""Ready-made comparisons with sensible levels, and starting values of m and u to train from.

A deployment may write its levels out in full in `model.yml`; these are what one starts with. m and u are what a clean
register shows; train before use.
"""

from __future__ import annotations

from collections.abc import Callable

from matching.model import Comparison, Label, Level, TermFrequency
from matching.predicates import parse

LevelSpec = tuple[str, str | None, float, float, str, str]
"""name, condition, m, u, zh, en; a name of `missing` makes a null level."""


def _comparison(name: str, label: Label, specs: tuple[LevelSpec, ...], frequency: TermFrequency | None = None) -> Comparison:
    levels = []
    for level, condition, m, u, zh, en in specs:
        when = None if condition is None else parse(condition)
        text = Label(f"{label.zh}{zh}", f"{label.en} {en}")
        if level == "missing":
            levels.append(Level(level, when, text, is_null=True))
        else:
            levels.append(Level(level, when, text, m=m, u=u, term_frequency=frequency if level == "same" else None))
    return Comparison(name, tuple(levels), label)


def exact(column: str, label: Label, *, floor: float | None = None) -> Comparison:
    """Equal or not; with `floor`, agreement on a rare value counts more."""
    specs: tuple[LevelSpec, ...] = (
        ("missing", f"any_null({column})", 0, 0, "缺失", "missing"),
        ("same", f"exact({column})", 0.95, 0.05, "相同", "the same"),
        ("other", None, 0.05, 0.95, "不同", "different"),
    )
    return _comparison(column, label, specs, None if floor is None else TermFrequency(column, floor))


def short_name(column: str, label: Label, *, floor: float = 1e-5) -> Comparison:
    """A personal name of two to four characters (Chinese, Korean): one character matters."""
    specs: tuple[LevelSpec, ...] = (
        ("missing", f"any_null({column})", 0, 0, "缺失", "missing"),
        ("same", f"exact({column})", 0.93, 0.001, "相同", "the same"),
        ("one_character", f"levenshtein({column}) <= 1", 0.04, 0.009, "差一字", "one character apart"),
        ("family", f"prefix({column}, 1)", 0.01, 0.05, "同姓", "with the same family name"),
        ("other", None, 0.02, 0.94, "不同", "different"),
    )
    return _comparison(column, label, specs, TermFrequency(column, floor))


def long_name(column: str, label: Label, *, floor: float = 1e-5) -> Comparison:
    """A name or word written in an alphabet: spelling varies."""
    specs: tuple[LevelSpec, ...] = (
        ("missing", f"any_null({column})", 0, 0, "缺失", "missing"),
        ("same", f"exact({column})", 0.8, 0.005, "相同", "the same"),
        ("near", f"jaro_winkler({column}) >= 0.92 or damerau({column}) <= 1", 0.1, 0.005, "相近", "nearly the same"),
        ("alike", f"jaro_winkler({column}) >= 0.8", 0.04, 0.04, "相似", "alike"),
        ("other", None, 0.06, 0.95, "不同", "different"),
    )
    return _comparison(column, label, specs, TermFrequency(column, floor))


def birth_date(column: str, label: Label) -> Comparison:
    """A date of birth in ISO form, with the slips that registers show."""
    specs: tuple[LevelSpec, ...] = (
        ("missing", f"any_null({column})", 0, 0, "缺失", "missing"),
        ("same", f"exact({column})", 0.95, 0.00004, "相同", "the same"),
        ("typo", f"date_one_typo({column}) or month_day_swapped({column})", 0.03, 0.0015, "差一位或月日颠倒", "one slip apart"),
        ("near", f"days_apart({column}) <= 31", 0.005, 0.0015, "相差不过一月", "within a month"),
        ("year", f"prefix({column}, 4)", 0.01, 0.012, "同年", "in the same year"),
        ("other", None, 0.005, 0.985, "不同", "different"),
    )
    return _comparison(column, label, specs)


def number(column: str, label: Label) -> Comparison:
    """An identity number: one slip of the pen is still strong evidence."""
    specs: tuple[LevelSpec, ...] = (
        ("missing", f"any_null({column})", 0, 0, "缺失", "missing"),
        ("same", f"exact({column})", 0.98, 0.0000005, "相同", "the same"),
        ("one_slip", f"damerau({column}) <= 1", 0.015, 0.000002, "差一位", "one digit apart"),
        ("other", None, 0.005, 0.9999975, "不同", "different"),
    )
    return _comparison(column, label, specs)


def place(column: str, label: Label, *, floor: float = 1e-4) -> Comparison:
    """An address or place written out."""
    specs: tuple[LevelSpec, ...] = (
        ("missing", f"any_null({column})", 0, 0, "缺失", "missing"),
        ("same", f"exact({column})", 0.6, 0.001, "相同", "the same"),
        ("near", f"jaro_winkler({column}) >= 0.95 or contains({column}, 4)", 0.15, 0.004, "相近", "nearly the same"),
        ("area", f"prefix({column}, 6)", 0.1, 0.05, "同一地区", "in the same area"),
        ("other", None, 0.15, 0.945, "不同", "different"),
    )
    return _comparison(column, label, specs, TermFrequency(column, floor))


COMPARISONS: dict[str, Callable[[str, Label], Comparison]] = {
    "exact": exact,
    "short_name": short_name,
    "long_name": long_name,
    "birth_date": birth_date,
    "number": number,
    "place": place,
}
"""What a model can start from, by name."""
