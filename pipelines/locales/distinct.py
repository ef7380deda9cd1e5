"""Work on distinct values: registers repeat themselves, so every method computes once per value and spreads the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

Objects = npt.NDArray[np.object_]
Bytes = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

BLOCK = 1 << 17
"""Distinct values worked on at once: bounds the memory of the code point and byte matrices."""


@dataclass(frozen=True)
class Distinct:
    """Distinct non-null texts of a Series in order of appearance, and where each row finds its own; a null row has code -1."""

    values: Objects
    codes: Ints
    index: pd.Index

    def frame(self, columns: Mapping[str, npt.NDArray[Any]], blanks: Mapping[str, object]) -> pd.DataFrame:
        """Spread one array per column (one entry per distinct value) over the rows; null rows get the column's blank."""
        return pd.DataFrame({n: self._spread(a, blanks.get(n)) for n, a in columns.items()}, index=self.index, copy=False)

    def series(self, values: npt.NDArray[Any], blank: object = None, name: str | None = None) -> pd.Series:
        """Spread one array over the rows."""
        return pd.Series(self._spread(values, blank), index=self.index, name=name, copy=False)

    def _spread(self, values: npt.NDArray[Any], blank: object) -> npt.NDArray[Any]:
        if len(values) == len(self.codes):
            return values
        if not len(values):
            values = np.empty(1, dtype=values.dtype)
        found = values[self.codes]
        null = self.codes < 0
        if null.any():
            found[null] = np.datetime64("NaT") if values.dtype.kind == "M" and blank is None else blank
        return found


def distinct(raw: pd.Series) -> Distinct:
    """Find the distinct texts of ``raw``. Values that are not text are taken as ``str`` writes them."""
    cells = raw.astype(object).to_numpy()
    codes, values = pd.factorize(cells)
    if _holds_nul(cells[codes >= 0]):
        codes, values = _by_dictionary(cells)
    if pd.api.types.infer_dtype(values, skipna=False) not in ("string", "empty"):
        values = np.array([v if isinstance(v, str) else str(v) for v in values], dtype=object)
    return Distinct(np.asarray(values, dtype=object), codes.astype(np.int64, copy=False), raw.index)


def _holds_nul(cells: Objects) -> bool:
    """Whether any text holds U+0000, where the hash table of pandas would end it and take two texts for one."""
    try:
        return "\0" in "".join(cells)
    except TypeError:
        return True


def _by_dictionary(cells: Objects) -> tuple[Ints, Objects]:
    places: dict[object, int] = {}
    blank = pd.isna(cells)
    codes = [-1 if null else places.setdefault(cell, len(places)) for cell, null in zip(cells, blank, strict=True)]
    return np.array(codes, dtype=np.int64), objects(list(places))


def blocks(values: Objects) -> Iterator[Objects]:
    """Cut distinct values into blocks of bounded size (at least one, so that an empty input keeps its column types)."""
    for start in range(0, max(len(values), 1), BLOCK):
        yield values[start : start + BLOCK]


def blockwise(values: Objects, work: Callable[[Objects], dict[str, npt.NDArray[Any]]]) -> dict[str, npt.NDArray[Any]]:
    """Run ``work`` block by block and join each column."""
    parts = [work(block) for block in blocks(values)]
    return parts[0] if len(parts) == 1 else {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}


def mapped(raw: pd.Series, work: Callable[[str], object]) -> pd.Series:
    """Apply a function of one text to the distinct values; null where blank."""
    found = distinct(raw)
    return found.series(objects([work(value) for value in found.values]))


def pair_codes(left: pd.Series, right: pd.Series) -> tuple[Distinct, Distinct, Ints, Ints, Ints]:
    """Distinct pairs of two aligned Series, by position.

    Returns the two sides' distinct values, the code of either side of each distinct pair, and each row's pair.
    """
    one, two = distinct(left), distinct(right)
    width = len(two.values) + 1
    joined = (one.codes + 1) * width + (two.codes + 1)
    rows, pairs = pd.factorize(joined)
    return one, two, pairs // width - 1, pairs % width - 1, rows.astype(np.int64, copy=False)


def objects(values: list[Any]) -> Objects:
    """A flat object array, whatever the values are."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def lengths(values: Objects) -> Ints:
    """Number of characters of each text."""
    return np.fromiter(map(len, values), dtype=np.int64, count=len(values))


def byte_matrix(values: Objects, width: int) -> Bytes:
    """ASCII texts of exactly ``width`` characters as rows of bytes; other characters become a byte above 127."""
    flat = "".join(values).encode("latin-1", errors="replace") if len(values) else b""
    return np.frombuffer(flat, dtype=np.uint8).reshape(len(values), width)


def matrix_texts(matrix: Bytes) -> Objects:
    """Rows of bytes back to texts; NUL bytes are left out wherever they stand."""
    kept = matrix != 0
    offsets = np.zeros(len(matrix) + 1, dtype=np.int32)
    np.cumsum(kept.sum(axis=1), out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(matrix[kept])]
    texts: Objects = pa.StringArray.from_buffers(len(matrix), *buffers[1:]).to_numpy(zero_copy_only=False)
    return texts


def words(text: str) -> frozenset[str]:
    """The words of a text as a set: a readable way to write a long list."""
    return frozenset(text.split())
