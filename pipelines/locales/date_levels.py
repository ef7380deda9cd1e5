"""How two dates compare: one level, the strongest that holds, the same in every country."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.locales.base import DATE_LEVELS

Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]
POWERS = 10 ** np.arange(7, -1, -1, dtype=np.int64)


def days_of(dates: pd.Series) -> Days:
    """Any Series of dates as ``datetime64[D]``; what is no date becomes ``NaT``."""
    if dates.dtype.kind == "M":
        return np.asarray(dates.dt.tz_localize(None), dtype="M8[D]")
    return np.asarray(pd.to_datetime(dates, errors="coerce", format="ISO8601"), dtype="M8[D]")


def compare_days(
    left: pd.Series,
    right: pd.Series,
    *,
    alternatives: Callable[[Days], tuple[Days, ...]] | None = None,
    precisions: tuple[pd.Series, pd.Series] | None = None,
) -> pd.Series:
    """Level of each aligned pair (by position, answered in the left index); symmetric.

    Args:
        left, right: dates, a month or a year as its first day.
        precisions: of left and right (day, month, year or null). Two dates of which one is only a month can be no more than
            ``same_month``, of which one is only a year no more than ``first_of_january``.
        alternatives: what a date may mean in another calendar; gives the level ``lunar_solar``.

    Returns:
        One of ``DATE_LEVELS``: same; lunar_solar; day_month_swap; one_digit (one digit of YYYYMMDD, or two neighbours swapped);
        same_month; first_of_january (one side is, in the other's year: a habit, not a date); different; missing.
    """
    a, b = days_of(left), days_of(right)
    one, two = _parts(a), _parts(b)
    missing = np.isnat(a) | np.isnat(b)
    tests: dict[str, Bools] = {
        "missing": missing,
        "same": a == b,
        "lunar_solar": _either(a, b, alternatives),
        "day_month_swap": (one[0] == two[0]) & (one[1] == two[2]) & (one[2] == two[1]),
        "one_digit": _one_digit(one, two),
        "same_month": (one[0] == two[0]) & (one[1] == two[1]),
        "first_of_january": (one[0] == two[0]) & (_new_year(one) | _new_year(two)),
    }
    if precisions is not None:
        tests = _coarse(tests, precisions, one[0] == two[0])
    levels = np.select(list(tests.values()), [np.array(name, dtype=object) for name in tests], default="different")
    assert set(tests) < set(DATE_LEVELS)
    return pd.Series(levels.astype(object), index=left.index, name="date_level")


def _coarse(tests: dict[str, Bools], precisions: tuple[pd.Series, pd.Series], same_year: Bools) -> dict[str, Bools]:
    """Keep from rows that lack a day the levels that need one, and from rows that lack a month those that need that."""
    year = np.logical_or(*(side.eq("year").to_numpy(dtype=np.bool_) for side in precisions))
    month = np.logical_or(*(side.eq("month").to_numpy(dtype=np.bool_) for side in precisions))
    kept = {name: test & ~year & ~month for name, test in tests.items()}
    return kept | {
        "missing": tests["missing"],
        "same_month": tests["same_month"] & ~year,
        "first_of_january": (tests["first_of_january"] & ~month) | (year & same_year),
    }


def _parts(days: Days) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    months = days.astype("M8[M]")
    of_month = (days - months.astype("M8[D]")).astype(np.int64) + 1
    return days.astype("M8[Y]").astype(np.int64) + 1970, months.astype(np.int64) % 12 + 1, of_month


def _new_year(parts: tuple[npt.NDArray[np.int64], ...]) -> npt.NDArray[np.bool_]:
    return np.asarray((parts[1] == 1) & (parts[2] == 1))


def _either(a: Days, b: Days, alternatives: Callable[[Days], tuple[Days, ...]] | None) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(a), dtype=np.bool_)
    for one, two in ((a, b), (b, a)) if alternatives else ():
        for meant in alternatives(one) if alternatives else ():
            found |= meant == two
    return found


def _one_digit(one: tuple[npt.NDArray[np.int64], ...], two: tuple[npt.NDArray[np.int64], ...]) -> npt.NDArray[np.bool_]:
    digits = [((y * 10_000 + m * 100 + d)[:, None] // POWERS) % 10 for y, m, d in (one, two)]
    unlike = digits[0] != digits[1]
    count = unlike.sum(axis=1)
    crossed = (digits[0][:, :-1] == digits[1][:, 1:]) & (digits[0][:, 1:] == digits[1][:, :-1]) & unlike[:, :-1] & unlike[:, 1:]
    return np.asarray((count == 1) | ((count == 2) & crossed.any(axis=1)))
