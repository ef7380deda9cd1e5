"""Identity numbers by a declared pattern and checksum."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipelines.locales.distinct import distinct, mapped, objects
from pipelines.locales.generic.date_forms import compiled, read
from pipelines.locales.generic.options import DateOptions, NumberOptions

HIDDEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff'‘’`\ud800-\udfff]")
SPREADSHEET = re.compile(r"\d(?:\.\d+)?E\+?\d{1,2}")


@dataclass(frozen=True)
class ReadNumber:
    """One number read."""

    number: str | None
    kind: str
    reasons: tuple[str, ...] = ()
    birth: date | None = None
    sex: str | None = None
    division: str | None = None


@dataclass(frozen=True)
class GenericNumbers:
    """Numbers of the ``generic`` pack."""

    options: NumberOptions

    def parse(self, raw: pd.Series, as_of: date | None = None) -> pd.DataFrame:
        """Read number cells.

        Returns:
            number: cleaned (capitals, without spaces and the declared separators), null when blank or a placeholder. kind:
            resident when the pattern fits, else damaged (a spreadsheet's doing), placeholder, blank or unknown. valid: pattern,
            checksum and birth date pass. reasons: pattern, checksum, birth_impossible, spreadsheet; null when none. birth_date,
            sex, division: from the pattern's named groups.
        """
        found = distinct(raw)
        read_all = [self.read(text, as_of) for text in found.values]
        columns = {
            "number": objects([n.number for n in read_all]),
            "kind": objects([n.kind for n in read_all]),
            "valid": np.array([n.kind == "resident" and not n.reasons for n in read_all], dtype=np.bool_),
            "reasons": objects(["|".join(n.reasons) or None for n in read_all]),
            "birth_date": np.array([n.birth for n in read_all], dtype="M8[s]"),
            "sex": objects([n.sex for n in read_all]),
            "division": objects([n.division for n in read_all]),
        }
        return found.frame(columns, {"kind": "blank", "valid": False})

    def repair(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Numbers one substitution or swap away that pass the checksum and hold the row's birth date and sex.

        A number that holds no birth date can't be told from a neighbour's: there are no candidates then.

        Args:
            rows: number, birth_date (datetime64), sex.

        Returns:
            index (of ``rows``), candidate, edit (substitute or swap), sorted.
        """
        found: list[tuple[Any, str, str]] = []
        told = "birth" in re.compile(self.options.pattern).groupindex
        births = pd.to_datetime(rows["birth_date"], errors="coerce").dt.date
        for index, number, birth, sex in zip(rows.index, rows["number"], births, rows["sex"], strict=True):
            if told and isinstance(number, str) and not pd.isna(birth) and self.read(number, None).reasons:
                found += [(index, c, edit) for c, edit in edits(number) if self._supports(c, birth, sex)]
        frame = pd.DataFrame(found, columns=["index", "candidate", "edit"])
        return frame.sort_values(["index", "candidate", "edit"], kind="stable").drop_duplicates(["index", "candidate"], ignore_index=True)

    def mask(self, raw: pd.Series) -> pd.Series:
        """For display: the last four characters."""
        return mapped(raw, lambda text: "*" * max(len(text.strip()) - 4, 0) + text.strip()[-4:] if len(text.strip()) > 4 else "****")

    def _supports(self, candidate: str, birth: date, sex: object) -> bool:
        judged = self.read(candidate, None)
        return not judged.reasons and judged.birth == birth and (judged.sex is None or not isinstance(sex, str) or judged.sex == sex)

    def read(self, raw: str, as_of: date | None) -> ReadNumber:
        """Read one number."""
        text = unicodedata.normalize("NFKC", HIDDEN.sub("", unicodedata.normalize("NFKC", raw).upper()))
        if not text:
            return ReadNumber(None, "blank")
        if text.lower() in self.options.placeholders:
            return ReadNumber(None, "placeholder")
        if SPREADSHEET.fullmatch(text):
            return ReadNumber(text, "damaged", ("spreadsheet",))
        text = text.translate({ord(c): None for c in self.options.drop})
        if not text or len(set(text)) == 1:
            return ReadNumber(None, "placeholder")
        shape = re.fullmatch(self.options.pattern, text, re.ASCII)
        return self._judge(text, shape.groupdict(), as_of) if shape else ReadNumber(text, "unknown", ("pattern",))

    def _judge(self, text: str, told: dict[str, str | None], as_of: date | None) -> ReadNumber:
        reasons = [] if CHECKSUMS[self.options.checksum](text, self.options.weights) else ["checksum"]
        birth = None
        if told.get("birth"):
            birth = read(str(told["birth"]), compiled(DateOptions(forms=(self.options.birth_form,), placeholders=()))).date
            if birth is None or (as_of is not None and birth > as_of):
                reasons.append("birth_impossible")
                birth = None
        digit = told.get("sex") or ""
        sex = ("M" if int(digit) % 2 else "F") if digit.isdecimal() else None
        return ReadNumber(text, "resident", tuple(reasons), birth, sex, told.get("division"))


def edits(number: str) -> Iterator[tuple[str, str]]:
    """Every text one substituted digit or one swap of neighbours away."""
    for place, character in enumerate(number):
        if character.isdecimal():
            yield from ((number[:place] + d + number[place + 1 :], "substitute") for d in "0123456789" if d != character)
        if place and character != number[place - 1]:
            yield number[: place - 1] + character + number[place - 1] + number[place + 1 :], "swap"


def luhn(text: str, _weights: tuple[int, ...]) -> bool:
    """ISO/IEC 7812: from the right, every second digit doubled, digits summed; letters don't pass."""
    if not text.isdecimal():
        return False
    doubled = [int(c) if place % 2 == 0 else sum(divmod(2 * int(c), 10)) for place, c in enumerate(reversed(text))]
    return sum(doubled) % 10 == 0


def mod11(text: str, weights: tuple[int, ...]) -> bool:
    """Weighted sum modulo 11 with a check digit that completes it to a multiple of 11, ten as X; default weights n..2 (NHS numbers, ISBN-10)."""
    body, check = text[:-1], 10 if text[-1:] == "X" else int(text[-1:]) if text[-1:].isdecimal() else -1
    factors = weights or tuple(range(len(text), 1, -1))
    if not body.isdecimal() or len(factors) != len(body) or check < 0:
        return False
    return (sum(int(c) * w for c, w in zip(body, factors, strict=True)) + check) % 11 == 0


def mod97(text: str, _weights: tuple[int, ...]) -> bool:
    """The last two digits are 97 less the rest modulo 97 (Belgian and French national numbers)."""
    return text.isdecimal() and len(text) > 2 and 97 - int(text[:-2]) % 97 == int(text[-2:])


def mod97_10(text: str, _weights: tuple[int, ...]) -> bool:
    """ISO/IEC 7064 MOD 97-10: the whole, letters as 10 to 35, is 1 modulo 97."""
    return text.isascii() and text.isalnum() and int("".join(str(int(c, 36)) for c in text)) % 97 == 1


def anything(_text: str, _weights: tuple[int, ...]) -> bool:
    """No checksum."""
    return True


CHECKSUMS: dict[str, Callable[[str, tuple[int, ...]], bool]] = {
    "none": anything, "luhn": luhn, "mod11": mod11, "mod97": mod97, "mod97_10": mod97_10,
}  # fmt: skip
"""Name in the options -> test."""
