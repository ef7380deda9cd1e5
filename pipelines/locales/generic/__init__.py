"""A pack for any country that writes in Latin letters, set up by the deployment's YAML alone; see docs/add-a-country.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipelines.locales.base import CountryPack
from pipelines.locales.distinct import mapped
from pipelines.locales.generic.dates import GenericDates
from pipelines.locales.generic.names import GenericNames
from pipelines.locales.generic.numbers import GenericNumbers
from pipelines.locales.generic.options import read_options
from pipelines.locales.generic.places import GenericPlaces
from pipelines.locales.generic.text import GenericText


@dataclass(frozen=True)
class GenericSexes:
    """Sex by a declared code list; ``codes`` maps ``M`` and ``F`` to what registers write."""

    codes: Mapping[str, tuple[str, ...]]

    def parse(self, raw: pd.Series) -> pd.Series:
        """``M``, ``F`` or null."""
        known = {text.lower(): sex for sex, texts in self.codes.items() for text in texts}
        return mapped(raw, lambda text: known.get(text.strip().lower()))


def build(options: Mapping[str, Any]) -> CountryPack:
    """Set up the pack.

    Raises:
        ConfigError: RC-L02, an option is unknown or wrong.
    """
    read = read_options(options)
    return CountryPack(
        code="generic",
        names=GenericNames(read.names),
        numbers=GenericNumbers(read.numbers),
        dates=GenericDates(read.dates),
        places=GenericPlaces(read.places),
        text=GenericText(),
        sex=GenericSexes(read.sex),
    )
