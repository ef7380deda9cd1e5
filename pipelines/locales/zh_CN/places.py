"""Places: the dated table of divisions, addresses, and when two codes are one place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import pandas as pd

from pipelines.locales.base import PLACE_LEVELS
from pipelines.locales.distinct import distinct, mapped, objects, pair_codes
from pipelines.locales.succession import place_level
from pipelines.locales.zh_CN.address import parse_address
from pipelines.locales.zh_CN.divisions import NEVER, division_table, spans, succession
from pipelines.locales.zh_CN.romanised import in_latin_letters

CODE = re.compile(r"(\d{6})(?:\d{3}|\d{6})?(?:\.0)?", re.ASCII)


@dataclass(frozen=True)
class ChinesePlaces:
    """Places of the ``zh_CN`` pack. ``home``: first two digits of the province of addresses that name none."""

    home: str = ""
    levels: tuple[str, ...] = PLACE_LEVELS

    def divisions(self) -> pd.DataFrame:
        """The dated table: code, name, parent, valid_from, valid_to (``datetime64[s]``, ``NaT`` while it lasts), successor (codes
        joined by ``|``), source (``SYNTHETIC`` for province 88). One row per spell of a name."""
        return division_table().copy()

    def english(self, names: pd.Series) -> pd.Series:
        """``中城区`` -> ``Zhongcheng District``. Null in, null out."""
        return mapped(names, in_latin_letters)

    def parse(self, address: pd.Series) -> pd.DataFrame:
        """Take addresses apart.

        Returns:
            division: the deepest division that the head of the address names, under any name it ever had; null where it names
            none, or one of several. address: cleaned (width, spaces). address_key: the rest as a key, null when nothing follows.
        """
        found = distinct(address)
        results = [parse_address(text, self.home) for text in found.values]
        columns = {
            "division": objects([r.division for r in results]),
            "address": objects([r.text for r in results]),
            "address_key": objects([r.key for r in results]),
        }
        return found.frame(columns, {})

    def division(self, raw: pd.Series) -> pd.Series:
        """Code of a cell that holds a code of 6, 9 or 12 digits or a division's name; null when it is not in the table."""
        return mapped(raw, self._division)

    def _division(self, text: str) -> str | None:
        if code := CODE.fullmatch(text.strip()):
            return code[1] if spans().first[int(code[1])] != NEVER else None
        place = parse_address(text, self.home)
        return place.division if not place.rest else None

    def current(self, codes: pd.Series, on: date) -> pd.Series:
        """The code that stands for each code on a day, the first where a division was split; null for codes not in the table."""

        def stands(code: str) -> str | None:
            known = CODE.fullmatch(code) and spans().first[int(code[:6])] != NEVER
            return succession().current(code[:6], on)[0] if known else None

        return mapped(codes, stands)

    def same(self, left: pd.Series, right: pd.Series) -> pd.Series:
        """Whether two codes are the same or one became the other (bool; false where null)."""
        return self.compare(left, right).isin(["same", "successor"]).rename(None)

    def compare(self, left: pd.Series, right: pd.Series) -> pd.Series:
        """Level of each aligned pair of codes: same, successor, same_prefecture, same_province, different, missing; symmetric."""
        one, two, first, second, rows = pair_codes(left, right)
        lefts, rights = (objects([*side.values, None])[codes] for side, codes in ((one, first), (two, second)))
        levels = objects([_level(a, b) for a, b in zip(lefts, rights, strict=True)])
        return pd.Series(levels[rows], index=left.index, name="place_level")


def _level(one: str | None, two: str | None) -> str:
    level = place_level(one, two, succession())
    if level != "different" or one is None or two is None:
        return level
    if one[:4] == two[:4]:
        return "same_prefecture"
    return "same_province" if one[:2] == two[:2] else "different"
