"""Identity numbers: GB 11643-1999 and its 15-digit forerunner, residence permits, foreigners' cards, travel papers, damage.

The eighteen characters that a computer wrote right are judged as one matrix of bytes; only the rest is looked at text by text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.locales.distinct import Bools, Objects, blockwise, byte_matrix, distinct, lengths, mapped, objects
from pipelines.locales.zh_CN import number_check as check
from pipelines.locales.zh_CN.number_repair import repair_numbers
from pipelines.locales.zh_CN.number_text import shape

Columns = dict[str, npt.NDArray[Any]]
SEXES = np.array([None, "M", "F"], dtype=object)


@dataclass(frozen=True)
class ChineseNumbers:
    """Numbers of the ``zh_CN`` pack."""

    def parse(self, raw: pd.Series, as_of: date | None = None) -> pd.DataFrame:
        """Read number cells.

        A division must have been in force at some time between the later of birth and 1984, when numbering began, and
        ``as_of``: numbers never change when divisions do, and a late registrant gets the code of the day of registration.

        Args:
            raw: cells as delivered.
            as_of: the run's day; nobody is born and no division begins after it. Null: up to 2035.

        Returns:
            number: canonical (15 digits upgraded to 18, look-alikes of X folded), or the cleaned text when not valid; null
            when blank or a placeholder. kind: see ``base.NUMBER_KINDS``. valid: shape, checksum, date and division pass
            (passports and travel permits have only a shape). reasons: codes of ``number_check.REASONS`` joined by ``|``, null
            when there are none; a valid number can carry warnings. birth_date, sex, division: what the number says; sex is
            null where the sequence is 000, division where it is not a listed code.
        """
        found = distinct(raw)
        blanks = {"kind": "blank", "valid": False}
        return found.frame(blockwise(found.values, lambda block: _parse(block, as_of)), blanks)

    def repair(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Find the numbers one edit away from a wrong one that its row supports; see :func:`number_repair.repair_numbers`."""
        return repair_numbers(rows)

    def mask(self, raw: pd.Series) -> pd.Series:
        """Show the last four characters of a number only."""
        return mapped(raw, lambda text: "*" * max(len(text.strip()) - 4, 0) + text.strip()[-4:] if len(text.strip()) > 4 else "****")


def _parse(values: Objects, as_of: date | None) -> Columns:
    count = len(values)
    plain = _plain(values)
    text = values.copy()
    columns: Columns = {
        "number": text,
        "kind": np.full(count, "unknown", dtype=object),
        "valid": np.zeros(count, dtype=np.bool_),
        "reasons": np.full(count, None, dtype=object),
        "birth_date": np.full(count, np.datetime64("NaT"), dtype="M8[s]"),
        "sex": np.full(count, None, dtype=object),
        "division": np.full(count, None, dtype=object),
    }
    _fill(columns, np.flatnonzero(plain), text[plain], np.zeros(int(plain.sum()), dtype=np.int64), as_of)
    _odd(columns, np.flatnonzero(~plain), as_of)
    return columns


def _plain(values: Objects) -> Bools:
    """Texts that are eighteen characters of the right kind already."""
    found: Bools = lengths(values) == 18
    matrix = byte_matrix(values[found], 18)
    numeral = (matrix >= ord("0")) & (matrix <= ord("9"))
    numeral[:, 17] |= matrix[:, 17] == ord("X")
    same = (matrix == matrix[:, :1]).all(axis=1) | (values[found] == "123456789012345678")
    found[found] = numeral.all(axis=1) & ~same
    return found


def _odd(columns: Columns, where: npt.NDArray[np.int64], as_of: date | None) -> None:
    """Cells that need cleaning: settle those that shape decides, judge the rest with their fifteen digits upgraded."""
    shaped = [shape(columns["number"][i]) for i in where]
    columns["number"][where] = objects([s.text for s in shaped])
    columns["kind"][where] = objects([s.kind for s in shaped])
    columns["valid"][where] = [s.valid for s in shaped]
    columns["reasons"][where] = objects(["|".join(s.reasons) or None for s in shaped])
    bits = np.array([sum(check.BIT[r] for r in s.reasons) for s in shaped], dtype=np.int64)
    size = np.array([0 if s.kind or s.text is None else len(s.text) for s in shaped], dtype=np.int64)
    whole, old = size == 18, size == 15
    _fill(columns, where[whole], columns["number"][where[whole]], bits[whole], as_of)
    _fill_old(columns, where[old], as_of)


def _fill(columns: Columns, where: npt.NDArray[np.int64], texts: Objects, bits: npt.NDArray[np.int64], as_of: date | None) -> None:
    judged = check.judge(byte_matrix(texts, 18), as_of)
    reasons = judged.reasons | bits
    lost = (bits & check.BIT["spreadsheet"]) != 0
    columns["kind"][where] = np.where(lost, "damaged", check.KINDS[judged.kind])
    columns["valid"][where] = (reasons & check.FAULTS) == 0
    columns["reasons"][where] = _reason_texts(reasons)
    columns["birth_date"][where] = judged.births
    columns["sex"][where] = SEXES[np.where(lost, 0, judged.sex)]
    columns["division"][where] = _division_texts(judged.division, reasons)


def _fill_old(columns: Columns, where: npt.NDArray[np.int64], as_of: date | None) -> None:
    """Fifteen digits (GB 11643-1989): born in the 1900s, or in the 1800s where the sequence is 996 to 999."""
    old = columns["number"][where]
    upgraded = upgrade(old)
    _fill(columns, where, upgraded, np.zeros(len(where), dtype=np.int64), as_of)
    columns["kind"][where] = "resident15"
    columns["number"][where] = np.where(columns["valid"][where], upgraded, old)


def upgrade(old: Objects) -> Objects:
    """Fifteen digits to eighteen characters."""
    century = objects(["18" if text[12:] >= "996" else "19" for text in old])
    bodies = objects([text[:6] + c + text[6:] for text, c in zip(old, century, strict=True)])
    checks = check.check_characters(check.digits(byte_matrix(bodies, 17)))
    return objects([body + chr(c) for body, c in zip(bodies, checks, strict=True)])


def _reason_texts(reasons: npt.NDArray[np.int64]) -> Objects:
    masks, rows = np.unique(reasons, return_inverse=True)
    names = ["|".join(name for name, bit in check.BIT.items() if mask & bit) or None for mask in masks.tolist()]
    return objects(names)[rows]


def _division_texts(divisions: npt.NDArray[np.int64], reasons: npt.NDArray[np.int64]) -> Objects:
    listed = (divisions > 0) & (reasons & (check.BIT["division_unknown"] | check.BIT["company_code"]) == 0)
    codes, rows = np.unique(np.where(listed, divisions, 0), return_inverse=True)
    return objects([f"{code:06d}" if code else None for code in codes.tolist()])[rows]
