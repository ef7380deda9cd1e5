"""The lunar calendar as tables: the solar day on which each lunar month of 1900 to 2100 begins, and its length (from ``borax``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

FIRST_YEAR, LAST_YEAR = 1900, 2099
MONTHS = 13


@dataclass(frozen=True)
class LunarMonths:
    """By year (from 1900) and month 1 to 12: first day (days since 1970) and length, and the same of the leap month after it (length 0: none)."""

    start: npt.NDArray[np.int64]
    length: npt.NDArray[np.int64]
    leap_start: npt.NDArray[np.int64]
    leap_length: npt.NDArray[np.int64]


@cache
def lunar_months() -> LunarMonths:
    """Build the tables."""
    from borax.calendars.lunardate import LCalendars, LunarDate

    shape = (LAST_YEAR - FIRST_YEAR + 1, MONTHS)
    tables = LunarMonths(*(np.zeros(shape, dtype=np.int64) for _ in range(4)))
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        for month, length, leap in LCalendars.iter_year_month(year):
            start = (LunarDate(year, month, 1, leap).to_solar_date() - date(1970, 1, 1)).days
            first, size = (tables.leap_start, tables.leap_length) if leap else (tables.start, tables.length)
            first[year - FIRST_YEAR, month], size[year - FIRST_YEAR, month] = start, length
    return tables


def lunar_to_solar(year: int, month: int, day: int, *, leap: bool = False) -> date | None:
    """Solar date of a lunar one; null where there is no such day or the year is outside the tables."""
    if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12 or day < 1:
        return None
    tables = lunar_months()
    start, length = (tables.leap_start, tables.leap_length) if leap else (tables.start, tables.length)
    if day > length[year - FIRST_YEAR, month]:
        return None
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(start[year - FIRST_YEAR, month]) + day - 1)


def digits_as_lunar(days: npt.NDArray[np.datetime64], *, leap: bool = False) -> npt.NDArray[np.datetime64]:
    """Read the year, month and day of each date as lunar ones and give the solar dates; ``NaT`` where there is no such lunar day."""
    years = days.astype("M8[Y]").astype(np.int64) + 1970
    months = days.astype("M8[M]").astype(np.int64) % 12 + 1
    of_month = (days.astype("M8[D]") - days.astype("M8[M]").astype("M8[D]")).astype(np.int64) + 1
    known = ~np.isnat(days) & (years >= FIRST_YEAR) & (years <= LAST_YEAR)
    tables = lunar_months()
    start, length = (tables.leap_start, tables.leap_length) if leap else (tables.start, tables.length)
    row, column = np.where(known, years - FIRST_YEAR, 0), np.where(known, months, 1)
    known &= of_month <= length[row, column]
    solar = np.where(known, start[row, column] + of_month - 1, 0).astype("M8[D]")
    return np.where(known, solar, np.datetime64("NaT"))
