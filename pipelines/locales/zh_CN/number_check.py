"""Judge eighteen-character numbers as a matrix of bytes: checksum, birth date, sex, division, kind.

GB 11643-1999: six digits of division, eight of birth date, three of sequence (odd for men), one check character by
ISO 7064 MOD 11-2. The same frame holds residence permits of Hong Kong, Macao and Taiwan people (81, 82, 83) and, from
2023-12-01, permanent residence cards of foreigners (9, province, country, birth date, sequence, check).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from pipelines.locales.distinct import Bools, Bytes, Ints
from pipelines.locales.zh_CN.divisions import COARSE, ENDED, NEVER, UNKNOWN, spans

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1], dtype=np.int64)
"""2**(17-i) mod 11 for position i; a number is right when the weighted sum is 1 modulo 11, X counting ten."""
CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
COMPANY_WEIGHTS = np.array([pow(3, i, 31) for i in range(18)], dtype=np.int64)
OLDEST = np.datetime64("1850-01-01")
LATEST = np.datetime64("2035-12-31")
"""Nobody in these registers was born outside; a run's own day narrows the end (``as_of``)."""
TEN = ord("X") - ord("0")

REASONS = (
    "length", "characters", "checksum", "division_unknown", "division_ended", "birth_impossible", "sequence_zero",
    "division_coarse", "spreadsheet", "masked", "school_prefix", "disability_card", "no_checksum", "company_code",
)  # fmt: skip
WARNINGS = ("sequence_zero", "division_coarse", "school_prefix", "disability_card", "no_checksum")
"""Reasons that leave a number valid."""
BIT = {reason: 1 << place for place, reason in enumerate(REASONS)}
FAULTS = sum(bit for reason, bit in BIT.items() if reason not in WARNINGS)
RESIDENT, PERMIT, FOREIGNER, DAMAGED, OTHER = range(5)
KINDS = np.array(["resident", "permit", "foreigner", "damaged", "unknown"], dtype=object)
PERMIT_DIVISIONS = (810000, 820000, 830000)


@dataclass(frozen=True)
class Judged:
    """One entry per number; births ``NaT`` and sex 0 where unknown, division 0 where none."""

    kind: npt.NDArray[np.int8]
    reasons: Ints
    births: npt.NDArray[np.datetime64]
    sex: npt.NDArray[np.int8]
    division: Ints


def digits(matrix: Bytes) -> npt.NDArray[np.int16]:
    """Values of the characters, X as ten."""
    values = matrix.astype(np.int16) - ord("0")
    values[values == TEN] = 10
    return values


def decimal(values: npt.NDArray[np.int16], start: int, stop: int) -> Ints:
    """The number written in some columns."""
    total = np.zeros(len(values), dtype=np.int64)
    for column in range(start, stop):
        total = total * 10 + values[:, column]
    return total


def weighted(values: npt.NDArray[np.int16]) -> Ints:
    """Weighted sum modulo 11; 1 is right."""
    total = np.zeros(len(values), dtype=np.int64)
    for column, weight in enumerate(WEIGHTS[: values.shape[1]].tolist()):
        total += values[:, column] * weight
    return total % 11


def check_characters(body: npt.NDArray[np.int16]) -> Bytes:
    """Check characters of seventeen-digit bodies."""
    return CHECK[weighted(body)]


def calendar_days(days: Ints) -> npt.NDArray[np.datetime64]:
    """``YYYYMMDD`` to days; ``NaT`` where there is no such day in the years that count."""
    year, month, day = days // 10_000, days // 100 % 100, days % 100
    good = (year >= 1850) & (year <= 2035) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(good, (year - 1970) * 12 + month - 1, 0).astype("M8[M]")
    first = months.astype("M8[D]")
    good &= day <= ((months + 1).astype("M8[D]") - first).astype(np.int64)
    return np.where(good, first + np.where(good, day - 1, 0), np.datetime64("NaT"))


def judge(matrix: Bytes, as_of: date | None = None) -> Judged:
    """Judge rows of eighteen characters (digits, or X in the last place)."""
    values = digits(matrix)
    division = decimal(values, 0, 6)
    births = calendar_days(decimal(values, 6, 14))
    births = np.where(births <= (np.datetime64(as_of) if as_of else LATEST), births, np.datetime64("NaT"))
    sequence = decimal(values, 14, 17)
    right = weighted(values) == 1
    foreigner, permit = values[:, 0] == 9, np.isin(division, PERMIT_DIVISIONS)
    kind = np.where(foreigner, FOREIGNER, np.where(permit, PERMIT, RESIDENT)).astype(np.int8)
    reasons: Ints = np.where(right, 0, BIT["checksum"]) + np.where(np.isnat(births), BIT["birth_impossible"], 0)
    reasons |= np.where((kind == RESIDENT) & (sequence == 0), BIT["sequence_zero"], 0)
    reasons |= _division_reasons(division, births, as_of, kind == RESIDENT)
    accepting = decimal(values, 1, 3) * 10_000
    reasons |= np.where(foreigner & (spans().first[accepting] == NEVER), BIT["division_unknown"], 0)
    zeroed = (decimal(values, 15, 17) == 0) & (values[:, 17] == 0) & ~right
    reasons |= np.where(zeroed, BIT["spreadsheet"], 0)
    company = foreigner & (reasons != 0) & _company(values)
    reasons = np.where(company, BIT["company_code"], reasons)
    sex = np.where(sequence == 0, 0, np.where(sequence % 2 == 1, 1, 2))
    return Judged(
        kind=np.where(company, OTHER, np.where(zeroed, DAMAGED, kind)).astype(np.int8),
        reasons=reasons,
        births=births.astype("M8[s]"),
        sex=np.where(company | zeroed, 0, sex).astype(np.int8),
        division=np.where(foreigner, 0, division),
    )


def _division_reasons(division: Ints, births: npt.NDArray[np.datetime64], as_of: date | None, resident: Bools) -> Ints:
    status = spans().status(division, births, as_of)
    table = np.zeros(4, dtype=np.int64)
    table[[UNKNOWN, ENDED, COARSE]] = BIT["division_unknown"], BIT["division_ended"], BIT["division_coarse"]
    found: Ints = np.where(resident, table[status], 0)
    return found


def _company(values: npt.NDArray[np.int16]) -> Bools:
    """Unified social credit codes written in digits alone (GB 32100-2015, modulo 31): not people's numbers."""
    total = np.zeros(len(values), dtype=np.int64)
    for column in range(17):
        total += values[:, column] * COMPANY_WEIGHTS[column]
    found: Bools = (31 - total % 31) % 31 == values[:, 17]
    return found
