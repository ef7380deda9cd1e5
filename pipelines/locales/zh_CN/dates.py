"""Dates: reading, comparing, and the lunar calendar behind a solar column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.errors import ConfigError
from pipelines.locales.base import DATE_LEVELS
from pipelines.locales.date_levels import compare_days, days_of
from pipelines.locales.distinct import Objects, blockwise, distinct, objects
from pipelines.locales.zh_CN.date_shapes import read_shapes
from pipelines.locales.zh_CN.date_text import FORMS, USUAL, read
from pipelines.locales.zh_CN.lunar import digits_as_lunar

Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class ChineseDates:
    """Dates of the ``zh_CN`` pack."""

    levels: tuple[str, ...] = DATE_LEVELS

    def parse(self, raw: pd.Series, forms: tuple[str, ...] | None = None) -> pd.DataFrame:
        """Read date cells.

        Args:
            raw: cells as delivered.
            forms: the forms a source may use, of ``date_text.FORMS``, in order of preference; null: all but the ambiguous two.

        Returns:
            date: ``datetime64[s]``, the first day where only the month or year is known. precision: day, month, year or null.
            kind: ok, placeholder (00000000, 99991231, 19000101, 不详), lunar_text (converted), serial (of a spreadsheet), blank
            or unparsed. Only ``ok``, ``serial`` and ``lunar_text`` have a date.

        Raises:
            ConfigError: RC-L03, a form has no such name.
        """
        for form in forms or ():
            if form not in FORMS:
                raise ConfigError("RC-L03", f"no date form '{form}'", why=f"known forms: {', '.join(FORMS)}", todo="Correct 'forms' of the source")
        found = distinct(raw)
        return found.frame(blockwise(found.values, lambda values: _parse(values, forms or USUAL)), {"kind": "blank"})

    def compare(self, left: pd.Series, right: pd.Series, precisions: tuple[pd.Series, pd.Series] | None = None) -> pd.Series:
        """Level of each pair of dates; see :func:`date_levels.compare_days`. ``lunar_solar``: one is the other's digits read as lunar."""
        return compare_days(left, right, alternatives=lunar_alternatives, precisions=precisions)

    def lunar_as_solar(self, dates: pd.Series) -> pd.Series:
        """The solar date meant if the digits of each date are lunar (``datetime64[s]``, of the ordinary month); null where there is no such day."""
        return pd.Series(digits_as_lunar(days_of(dates)).astype("M8[s]"), index=dates.index)


def _parse(values: Objects, forms: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    shaped = read_shapes(values, forms)
    dates, precision, kind = shaped.dates.astype("M8[s]"), shaped.precision, np.full(len(values), "ok", dtype=object)
    rest = np.flatnonzero(~shaped.read)
    results = [read(text, forms) for text in values[rest]]
    dates[rest] = np.array([r.date for r in results], dtype="M8[s]")
    precision[rest] = objects([r.precision for r in results])
    kind[rest] = objects([r.kind for r in results])
    return {"date": dates, "precision": precision, "kind": kind}


def lunar_alternatives(days: Days) -> tuple[Days, ...]:
    """What each date means if it is lunar, in an ordinary and in a leap month."""
    return digits_as_lunar(days), digits_as_lunar(days, leap=True)
