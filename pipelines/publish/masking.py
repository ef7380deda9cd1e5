"""What a reader may see of a person: enough to recognise a record, too little to identify somebody.

Names and numbers are masked by the country pack; of a birth date the day is left out; an address becomes its county. Differences
between records stay visible: they are found on the full values and marked on the masked ones, character by character.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

import pandas as pd

from pipelines.locales.base import CountryPack

HIDDEN = "*"
"""Stands for a character of a date or address that is not shown."""

LONG_NUMBER = re.compile(r"[0-9０-９]{14,}[0-9０-９XxＸｘ]")
"""A run of digits as long as an identity number: masked wherever it stands, also inside record keys."""

Segment = tuple[str, bool]
"""A piece of text, and whether it differs from the other records."""


@dataclass(frozen=True)
class Value:
    """One value as a reader sees it, in pieces; ``segments`` empty = the record says nothing."""

    segments: tuple[Segment, ...] = ()

    @property
    def text(self) -> str:
        """The masked value without marks."""
        return "".join(piece for piece, _ in self.segments)

    @property
    def marked_text(self) -> str:
        """The masked value with differing pieces between ‹ and ›: for cells that can't carry colour."""
        return "".join(f"‹{piece}›" if differs else piece for piece, differs in self.segments)

    @property
    def differs(self) -> bool:
        """Some piece differs from the other records."""
        return any(differs for _, differs in self.segments)


class Mask:
    """Masks of a deployment: the country pack's, and the names of its divisions."""

    def __init__(self, pack: CountryPack) -> None:
        self._pack = pack
        table = pack.places.divisions()
        self._places = dict(zip(table["code"].astype(str), table["name"], strict=True))
        self._said: dict[tuple[str, str], str] = {}

    def names(self, raw: pd.Series) -> pd.Series:
        """Masked names: ``张*三``. Null in, null out."""
        return self._pack.names.mask(raw)

    def numbers(self, raw: pd.Series) -> pd.Series:
        """Masked identity numbers: the last four characters. Null in, null out."""
        return self._pack.numbers.mask(raw)

    def keys(self, raw: pd.Series) -> pd.Series:
        """Record keys; one that embeds an identity number shows its last four characters only."""
        return raw.str.replace(LONG_NUMBER, _last_four, regex=True)

    def text(self, raw: str) -> str:
        """Free text without runs of digits that could be an identity number."""
        return LONG_NUMBER.sub(_last_four, raw)

    def place(self, code: str | None, language: str = "zh") -> str:
        """``云中市中城区``, ``Zhongcheng District, Yunzhong City``: a division with its prefecture; the code itself when the table lacks it."""
        if not code:
            return ""
        if (code, language) not in self._said:
            self._said[code, language] = self._place(code, language)
        return self._said[code, language]

    def _place(self, code: str, language: str) -> str:
        found = pd.Series([self._places.get(code, code), self._places.get(f"{code[:4]}00", "")], dtype=object)
        own, above = (str(name) for name in (found if language == "zh" else self._pack.places.english(found)))
        if not above or own.startswith(above) or code.endswith("00"):
            return own
        return above + own if language == "zh" else f"{own}, {above}"


def _last_four(found: re.Match[str]) -> str:
    return HIDDEN * 3 + found.group()[-4:]


def month(iso: str | None) -> str | None:
    """``1956-03-17`` -> ``1956-03-**``; null stays null."""
    return None if iso is None else iso[:7] + iso[7:].translate(str.maketrans("0123456789", HIDDEN * 10))


def compare(full: Sequence[str | None], shown: Sequence[str | None], folded: Sequence[str | None], *, by_character: bool = True) -> list[Value]:
    """Masked values with the characters marked in which the full ones differ from the most frequent.

    Args:
        full: full values of one attribute, one per record; null = the record says nothing.
        shown: the same, masked.
        folded: what is compared: two spellings that mean the same have one.
        by_character: mark characters; otherwise a value that differs is marked as a whole.

    Returns:
        One value per record. Nothing is marked when all that say something agree. A value of which more than half differs is
        another value, and marked as a whole.
    """
    said = [key for key in folded if key is not None]
    if len(set(said)) < 2:
        return [Value(((text, False),)) if text is not None else Value() for text in shown]
    norm = Counter(said).most_common(1)[0][0]
    reference = next(value for value, key in zip(full, folded, strict=True) if key == norm) or ""
    columns = zip(full, shown, folded, strict=True)
    return [_marked(value, text, reference if by_character else None, same=key is None or key == norm) for value, text, key in columns]


def _marked(full: str | None, shown: str | None, reference: str | None, *, same: bool) -> Value:
    if full is None or shown is None:
        return Value()
    if same:
        return Value(((shown, False),))
    if reference is None or len(shown) != len(full):
        return Value(((shown, True),))
    pieces = _pieces(full, shown, reference)
    kept = sum(len(text) for text, differs in pieces if not differs)
    return Value(tuple(pieces)) if 2 * kept >= len(full) else Value(((shown, True),))


def _pieces(full: str, shown: str, reference: str) -> list[Segment]:
    """Character by character where the lengths agree; else by the fewest edits, ``∅`` standing for what is missing."""
    if len(full) == len(reference):
        runs = groupby(zip(full, shown, reference, strict=True), key=lambda item: item[0] != item[2])
        return [("".join(text for _, text, _ in run), differs) for differs, run in runs]
    pieces: list[Segment] = []
    for kind, _, _, start, end in SequenceMatcher(None, reference, full, autojunk=False).get_opcodes():
        pieces.append(("∅", True) if kind == "delete" else (shown[start:end], kind != "equal"))
    return pieces
