"""What every country pack offers. Methods take a Series of raw strings and answer in its index; null in, null out.

``None`` and ``NaN`` are blank. Answers are object columns of ``str`` or ``None`` unless a docstring says otherwise, dates are
``datetime64[s]`` without time. Nothing here reads a clock, and nothing raises on any Unicode string.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import pandas as pd

NAME_KINDS = ("full", "newborn", "masked", "partial", "latin", "company", "unknown")
NUMBER_KINDS = (
    "resident", "resident15", "permit", "foreigner", "travel", "passport", "placeholder", "blank", "damaged", "unknown",
)  # fmt: skip
DATE_KINDS = ("ok", "placeholder", "lunar_text", "serial", "blank", "unparsed")
NAME_LEVELS = (
    "same", "variant", "homophone", "one_character", "rare_substitute", "pinyin", "partial", "different", "missing",
)  # fmt: skip
DATE_LEVELS = ("same", "lunar_solar", "day_month_swap", "one_digit", "same_month", "first_of_january", "different", "missing")
PLACE_LEVELS = ("same", "successor", "same_prefecture", "same_province", "different", "missing")


class Names(Protocol):
    """People's names."""

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of :meth:`compare`, strongest first."""

    def standardise(self, raw: pd.Series) -> pd.DataFrame:
        """Columns name, name_fold, name_sound, name_kind."""

    def keys(self, raw: pd.Series) -> pd.DataFrame:
        """Further blocking keys: surname, given, sounds, sound_loose."""

    def newborn_parent(self, raw: pd.Series) -> pd.Series:
        """The parent's name or surname inside a newborn's stand-in name, else null."""

    def compare(self, left: pd.Series, right: pd.Series) -> pd.Series:
        """Level of each pair of raw or cleaned names; symmetric."""

    def mask(self, raw: pd.Series) -> pd.Series:
        """For display: enough to recognise, too little to identify."""


class Numbers(Protocol):
    """Identity numbers."""

    def parse(self, raw: pd.Series, as_of: date | None = None) -> pd.DataFrame:
        """Columns number, kind, valid (bool), reasons, birth_date, sex, division."""

    def repair(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Candidates one edit away that agree with the row: columns index, candidate, edit."""

    def mask(self, raw: pd.Series) -> pd.Series:
        """For display: the last four characters."""


class Dates(Protocol):
    """Dates as registers write them."""

    def parse(self, raw: pd.Series, forms: tuple[str, ...] | None = None) -> pd.DataFrame:
        """Columns date, precision (day, month, year or null), kind."""

    def compare(self, left: pd.Series, right: pd.Series, precisions: tuple[pd.Series, pd.Series] | None = None) -> pd.Series:
        """Level of each pair of dates, told how precise each side is; symmetric."""

    def lunar_as_solar(self, dates: pd.Series) -> pd.Series:
        """The solar date meant if the digits are of another calendar; null where that can't be."""


class Places(Protocol):
    """Divisions and addresses."""

    def divisions(self) -> pd.DataFrame:
        """The dated table: code, name, parent, valid_from, valid_to, successor, source."""

    def english(self, names: pd.Series) -> pd.Series:
        """Names of divisions as English pages write them; a name that is in Latin letters as it is."""

    def parse(self, address: pd.Series) -> pd.DataFrame:
        """Columns division, address, address_key."""

    def division(self, raw: pd.Series) -> pd.Series:
        """Code of a raw code or name, else null."""

    def current(self, codes: pd.Series, on: date) -> pd.Series:
        """The code that stands for each code on a day."""

    def compare(self, left: pd.Series, right: pd.Series) -> pd.Series:
        """Level of each pair of codes; symmetric."""

    def same(self, left: pd.Series, right: pd.Series) -> pd.Series:
        """Whether two codes are one place under one of its names (bool; false where null)."""


class Text(Protocol):
    """Bytes to text."""

    def decode(self, data: bytes, declared: str, private_use: Mapping[str, str] | None = None) -> str:
        """Decode strictly as declared."""

    def detect(self, data: bytes) -> Detection:
        """What the bytes probably are, and why."""


class Sexes(Protocol):
    """Codes for sex."""

    def parse(self, raw: pd.Series) -> pd.Series:
        """``M``, ``F`` or null."""


@dataclass(frozen=True)
class Detection:
    """A guess at an encoding for a message to a person; never used to decode silently."""

    encoding: str
    why: str
    mojibake: bool = False


@dataclass(frozen=True)
class CountryPack:
    """One country's rules, ready to use."""

    code: str
    names: Names
    numbers: Numbers
    dates: Dates
    places: Places
    text: Text
    sex: Sexes
