"""Dates of the ``generic`` pack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipelines.errors import ConfigError
from pipelines.locales.base import DATE_LEVELS
from pipelines.locales.date_levels import compare_days
from pipelines.locales.distinct import distinct, objects
from pipelines.locales.generic.date_forms import compiled, read
from pipelines.locales.generic.options import DateOptions


@dataclass(frozen=True)
class GenericDates:
    """Dates by the deployment's forms, or a source's own."""

    options: DateOptions
    levels: tuple[str, ...] = tuple(level for level in DATE_LEVELS if level != "lunar_solar")

    def parse(self, raw: pd.Series, forms: tuple[str, ...] | None = None) -> pd.DataFrame:
        """Read date cells by declared forms, the first that fits.

        Returns:
            date (``datetime64[s]``), precision (day, month, year or null), kind (ok, placeholder, serial, blank or unparsed).

        Raises:
            ConfigError: RC-L03, a form is made of unknown tokens.
        """
        found = distinct(raw)
        try:
            options = DateOptions.model_validate(self.options.model_dump() | {"forms": forms}) if forms else self.options
        except ValueError:
            why = "forms are made of YYYY YY MM M DD D MON HH MI SS or EXCEL1900"
            raise ConfigError("RC-L03", "a date form is not known", why=why, todo="Correct 'forms' of the source") from None
        patterns = compiled(options)
        results = [read(text, patterns) for text in found.values]
        columns = {
            "date": np.array([r.date for r in results], dtype="M8[s]"),
            "precision": objects([r.precision for r in results]),
            "kind": objects([r.kind for r in results]),
        }
        return found.frame(columns, {"kind": "blank"})

    def compare(self, left: pd.Series, right: pd.Series, precisions: tuple[pd.Series, pd.Series] | None = None) -> pd.Series:
        """Level of each pair of dates; see :func:`date_levels.compare_days`."""
        return compare_days(left, right, precisions=precisions)

    def lunar_as_solar(self, dates: pd.Series) -> pd.Series:
        """There is one calendar here: always null."""
        return pd.Series(np.full(len(dates), np.datetime64("NaT"), dtype="M8[s]"), index=dates.index)
