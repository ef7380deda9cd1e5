"""Repair numbers: every number one edit away that has a right checksum and that its row supports.

MOD 11-2 lets one unknown digit be solved for, so each place of a wrong number gives at most one substitute, and a gap at most
one missing digit. Few survive the checksum, fewer the row's birth date and sex: what is left is evidence, not a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipelines.locales.distinct import Bools, Bytes, Ints, Objects, byte_matrix, lengths, matrix_texts, objects
from pipelines.locales.zh_CN import number_check as check
from pipelines.locales.zh_CN.divisions import succession

INVERSE = np.array([pow(int(w), -1, 11) for w in check.WEIGHTS], dtype=np.int64)
"""Inverses of the weights modulo 11."""
Values = npt.NDArray[np.int16]
Found = tuple[Ints, Values, str]
"""Row positions, candidate digits (one row each, X as ten), name of the edit."""
BLOCK = 1 << 12
EDITS = ("substitute", "swap", "insert", "delete", "century", "zeroed")
SHAPE = r"\d{16,18}[\dX]"


def repair_numbers(rows: pd.DataFrame) -> pd.DataFrame:
    """Find candidates for the wrong numbers of ``rows``.

    Args:
        rows: number (cleaned text as ``parse`` gives it), birth_date (datetime64, of the row, not of the number), sex (``M``,
            ``F`` or null) and, if there, birth_precision (day, month or year) and division (six digits). Rows that are right
            already, or have no birth date, get none.

    Returns:
        One row per candidate, sorted: index (of ``rows``), candidate, edit (one of ``EDITS``). A candidate's birth date is the
        row's as far as that is known, its sex too where the row has one, and its division was in force between birth and today. An edit within the
        division must also land on the row's division or one that became it or that it became, where the row has one.
    """
    columns = rows.reset_index(drop=True)
    texts = columns["number"].fillna("").astype(str).to_numpy(dtype=object)
    births = pd.to_datetime(columns["birth_date"], errors="coerce").to_numpy(dtype="M8[D]")
    wanted = np.flatnonzero(columns["number"].fillna("").astype(str).str.fullmatch(SHAPE).to_numpy() & ~np.isnat(births))
    sexes = np.asarray(columns["sex"].map({"M": 1, "F": 2}).fillna(0), dtype=np.int64)
    divisions = columns["division"].to_numpy(dtype=object) if "division" in columns else np.full(len(columns), None, dtype=object)
    units = columns["birth_precision"].to_numpy(dtype=object) if "birth_precision" in columns else np.full(len(columns), "day", dtype=object)
    parts = []
    for start in range(0, len(wanted), BLOCK):
        block = wanted[start : start + BLOCK]
        row = Rows(texts[block], births[block], units[block], sexes[block], divisions[block])
        parts += [(block[where], texts, edits) for where, texts, edits in row.candidates()]
    found = pd.DataFrame(
        {
            "index": np.concatenate([rows.index.to_numpy()[where] for where, _, _ in parts]) if parts else rows.index[:0],
            "candidate": np.concatenate([c for _, c, _ in parts]) if parts else objects([]),
            "edit": np.concatenate([e for _, _, e in parts]) if parts else objects([]),
        }
    )
    order = pd.Categorical(found["edit"], categories=EDITS, ordered=True)
    found = found.assign(order=order).sort_values(["index", "candidate", "order"], kind="stable")
    return found.drop_duplicates(["index", "candidate"])[["index", "candidate", "edit"]].reset_index(drop=True)


class Rows:
    """A block of wrong numbers with what their rows say."""

    def __init__(self, texts: Objects, births: npt.NDArray[np.datetime64], units: Objects, sexes: Ints, divisions: Objects) -> None:
        self.texts, self.births, self.units, self.sexes, self.divisions = texts, births, units, sexes, divisions
        self.sizes = lengths(texts)

    def _born(self, rows: Ints, births: npt.NDArray[np.datetime64]) -> Bools:
        """Whether a birth date is the row's, or in its month or year where it knows no more."""
        own, unit = self.births[rows], self.units[rows]
        day: Bools = births == own
        month: Bools = (unit == "month") & (births.astype("M8[M]") == own.astype("M8[M]"))
        year: Bools = (unit == "year") & (births.astype("M8[Y]") == own.astype("M8[Y]"))
        return day | month | year

    def candidates(self) -> Iterator[tuple[Ints, Objects, Objects]]:
        """Positions in the block, candidate texts, edits; judged together, since judging few costs nearly as much as judging many."""
        for size, edits in BY_SIZE.items():
            where = np.flatnonzero(self.sizes == size)
            values = check.digits(byte_matrix(self.texts[where], size))
            wrong = check.weighted(values) != 1 if size == 18 else np.ones(len(where), dtype=np.bool_)
            found = [each for edit in edits for each in edit(values[wrong], self.births[where[wrong]])]
            rows = np.concatenate([rows for rows, _, _ in found])
            numbers = np.concatenate([numbers for _, numbers, _ in found])
            names = np.repeat(objects([name for _, _, name in found]), [len(rows) for rows, _, _ in found])
            kept = self._supported(where[wrong][rows], numbers, values[wrong][rows])
            yield where[wrong][rows][kept], texts_of(numbers[kept]), names[kept]

    def _supported(self, rows: Ints, numbers: Values, before: Values) -> Bools:
        """Which candidates are valid numbers of the row's birth date, sex and (if touched) division."""
        good: Bools = (numbers >= 0).all(axis=1) & (numbers[:, :17] <= 9).all(axis=1) & (numbers[:, 17] <= 10)
        good &= check.weighted(numbers) == 1
        left = np.flatnonzero(good)
        judged = check.judge(characters_of(numbers[left]))
        good[left] = ((judged.reasons & check.FAULTS) == 0) & self._born(rows[left], judged.births)
        sexes = self.sexes[rows[left]]
        good[left] &= (sexes == 0) | (judged.sex == 0) | (sexes == judged.sex)
        touched = good & (numbers[:, :6] != before[:, :6]).any(axis=1)
        for i in np.flatnonzero(touched):
            good[i] = _one_place(f"{check.decimal(numbers[i : i + 1], 0, 6)[0]:06d}", self.divisions[rows[i]])
        return good


def _one_place(candidate: str, given: object) -> bool:
    return not isinstance(given, str) or succession().one_place(candidate, given)


def texts_of(numbers: Values) -> Objects:
    """Digits back to texts, ten as X."""
    return matrix_texts(characters_of(numbers))


def characters_of(numbers: Values) -> Bytes:
    """Digits as the bytes of their characters, ten as X."""
    letters = np.where(numbers == 10, check.TEN, numbers) + ord("0")
    return letters.astype(np.uint8)


def substitutes(values: Values, _births: npt.NDArray[np.datetime64]) -> Iterator[Found]:
    """One wrong character: at each place, the one that makes the sum right."""
    excess = check.weighted(values) - 1
    rows = np.arange(len(values))
    for place in range(18):
        numbers = values.copy()
        numbers[:, place] = (values[:, place] - excess * INVERSE[place]) % 11
        yield rows, numbers, "substitute"


def swaps(values: Values, _births: npt.NDArray[np.datetime64]) -> Iterator[Found]:
    """Two neighbours changed places, or two around a third."""
    rows = np.arange(len(values))
    for gap in (1, 2):
        for place in range(18 - gap):
            numbers = values.copy()
            numbers[:, [place, place + gap]] = values[:, [place + gap, place]]
            yield rows, numbers, "swap"


def insertions(values: Values, _births: npt.NDArray[np.datetime64]) -> Iterator[Found]:
    """One of eighteen characters is missing: in each gap, the one that makes the sum right."""
    rows = np.arange(len(values))
    for place in range(18):
        numbers = np.insert(values, place, 0, axis=1)
        numbers[:, place] = (1 - check.weighted(numbers)) * INVERSE[place] % 11
        yield rows, numbers, "insert"


def deletions(values: Values, _births: npt.NDArray[np.datetime64]) -> Iterator[Found]:
    """One character too many."""
    rows = np.arange(len(values))
    for place in range(19):
        yield rows, np.delete(values, place, axis=1), "delete"


def centuries(values: Values, births: npt.NDArray[np.datetime64]) -> Iterator[Found]:
    """Fifteen digits upgraded with the wrong century: the row's own, with a new check character."""
    numbers = values.copy()
    century = (births.astype("M8[Y]").astype(np.int64) + 1970) // 100
    numbers[:, 6], numbers[:, 7] = century // 10, century % 10
    numbers[:, 17] = (1 - check.weighted(numbers[:, :17])) % 11
    changed = np.flatnonzero((numbers[:, 6:8] != values[:, 6:8]).any(axis=1))
    yield changed, numbers[changed], "century"


def zeroed(values: Values, _births: npt.NDArray[np.datetime64]) -> Iterator[Found]:
    """A spreadsheet kept fifteen digits and wrote 000: all endings with a right check character."""
    rows = np.flatnonzero((values[:, 15:] == 0).all(axis=1))
    for ending in range(100):
        numbers = values[rows].copy()
        numbers[:, 15], numbers[:, 16] = ending // 10, ending % 10
        numbers[:, 17] = (1 - check.weighted(numbers[:, :17])) % 11
        yield rows, numbers, "zeroed"


Edit = Callable[[Values, npt.NDArray[np.datetime64]], Iterator[Found]]
BY_SIZE: dict[int, tuple[Edit, ...]] = {
    18: (substitutes, swaps, centuries, zeroed),
    17: (insertions,),
    19: (deletions,),
}
"""Length of the damaged text -> the edits that can have made it."""
