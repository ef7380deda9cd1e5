"""Places of the ``generic`` pack: a declared table of divisions, free addresses, postcodes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from pipelines.locales.base import PLACE_LEVELS
from pipelines.locales.distinct import distinct, mapped, objects, pair_codes
from pipelines.locales.generic.names import clean, folded
from pipelines.locales.generic.options import PlaceOptions
from pipelines.locales.succession import Succession, place_level, succession_of

WORD = re.compile(r"[^\W_]+")
COLUMNS = ("code", "name", "parent", "valid_from", "valid_to", "successor", "source")


@dataclass(frozen=True)
class GenericPlaces:
    """Places by the deployment's own table."""

    options: PlaceOptions
    levels: tuple[str, ...] = tuple(level for level in PLACE_LEVELS if level != "same_prefecture")

    def divisions(self) -> pd.DataFrame:
        """The declared divisions; dates as ``datetime64[s]``."""
        rows = [(d.code, d.name, d.parent, d.valid_from, d.valid_to, "|".join(d.successor) or None, "deployment") for d in self.options.divisions]
        table = pd.DataFrame(rows, columns=list(COLUMNS), dtype=object)
        for column in ("valid_from", "valid_to"):
            table[column] = pd.to_datetime(table[column]).astype("datetime64[s]")
        return table

    def english(self, names: pd.Series) -> pd.Series:
        """The declared ``name_en`` of a name, else the name itself. Null in, null out."""
        declared = {d.name: d.name_en for d in self.options.divisions if d.name_en}
        return names.map(lambda name: declared.get(name, name), na_action="ignore")

    def parse(self, address: pd.Series) -> pd.DataFrame:
        """Take addresses apart: division (the last part between commas that names one), address (cleaned), address_key (words in
        small letters, short forms written out, postcode and division left out; numbers kept)."""
        found = distinct(address)
        results = [self._address(text) for text in found.values]
        columns = {name: objects([r[place] for r in results]) for place, name in enumerate(("division", "address", "address_key"))}
        return found.frame(columns, {})

    def _address(self, raw: str) -> tuple[str | None, str | None, str | None]:
        text = clean(raw)
        plain = re.sub(rf"\b(?:{self.options.postcode})\b", " ", folded(text), flags=re.IGNORECASE)
        parts = [" ".join(WORD.findall(part)) for part in plain.split(",")]
        place = next((i for i in range(len(parts) - 1, -1, -1) if parts[i] in self._names), None)
        kept = [part for i, part in enumerate(parts) if i != place]
        words = [self.options.abbreviations.get(word, word) for part in kept for word in part.split()]
        return (self._names[parts[place]] if place is not None else None), text or None, " ".join(words) or None

    def division(self, raw: pd.Series) -> pd.Series:
        """Code of a cell that holds a declared code or name, else null."""
        codes = {d.code for d in self.options.divisions}
        return mapped(raw, lambda text: text.strip() if text.strip() in codes else self._names.get(" ".join(WORD.findall(folded(text)))))

    def current(self, codes: pd.Series, on: date) -> pd.Series:
        """The code that stands for each code on a day; null for codes that are not declared."""
        known = {d.code for d in self.options.divisions}
        return mapped(codes, lambda code: self._succession.current(code, on)[0] if code in known else None)

    def same(self, left: pd.Series, right: pd.Series) -> pd.Series:
        """Whether two codes are the same or one became the other (bool; false where null)."""
        return self.compare(left, right).isin(["same", "successor"]).rename(None)

    def compare(self, left: pd.Series, right: pd.Series) -> pd.Series:
        """Level of each aligned pair of codes: same, successor, same_province (one parent), different, missing; symmetric."""
        one, two, first, second, rows = pair_codes(left, right)
        lefts, rights = (objects([*side.values, None])[codes] for side, codes in ((one, first), (two, second)))
        levels = objects([self._level(a, b) for a, b in zip(lefts, rights, strict=True)])
        return pd.Series(levels[rows], index=left.index, name="place_level")

    def _level(self, one: str | None, two: str | None) -> str:
        level = place_level(one, two, self._succession)
        parents = {d.code: d.parent for d in self.options.divisions}
        siblings = level == "different" and parents.get(str(one)) is not None and parents.get(str(one)) == parents.get(str(two))
        return "same_province" if siblings else level

    @cached_property
    def _succession(self) -> Succession:
        return succession_of(self.divisions())

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """Folded name -> code, where one code only ever had that name or it is in force."""
        found: dict[str, str] = {}
        for division in sorted(self.options.divisions, key=lambda d: d.valid_to or date.max):
            found[" ".join(WORD.findall(folded(division.name)))] = division.code
        return found
