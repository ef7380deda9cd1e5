"""Columns as codes of distinct values, so that text is looked at once per distinct value or pair of values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Codes = NDArray[np.int64]
MISSING = -1
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Column:
    """One column: `codes` of each row (-1 for null), and the text of each code."""

    codes: Codes
    values: tuple[str, ...]

    def mapped(self, function: Callable[[str], str | None]) -> Column:
        """The column with each distinct value replaced; None becomes missing."""
        texts = [function(value) for value in self.values]
        known = {text: code for code, text in enumerate(dict.fromkeys(t for t in texts if t is not None))}
        lookup = np.array([MISSING if text is None else known[text] for text in texts] + [MISSING], dtype=np.int64)
        return Column(lookup[self.codes], tuple(known))

    def at(self, rows: Codes) -> Column:
        """The column at these rows."""
        return Column(self.codes[rows], self.values)


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column as text: dates and times in ISO form, a time of day left out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        column = pc.cast(column, pa.date32(), safe=False)
    return column.cast(pa.string())


def encode(tables: list[pa.Table], name: str) -> list[Column]:
    """One column of several tables with codes in common; null becomes -1."""
    import pyarrow as pa

    texts = [as_text(table[name]) for table in tables]
    joined = pa.chunked_array([chunk for text in texts for chunk in text.chunks], type=pa.string())
    encoded: Any = joined.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = encoded.indices.fill_null(MISSING).to_numpy(zero_copy_only=False).astype(np.int64)
    values = tuple(encoded.dictionary.to_pylist())
    ends = np.cumsum([len(text) for text in texts])[:-1]
    return [Column(part, values) for part in np.split(codes, ends)]


def day_number(text: str) -> int | None:
    """Days since 1 January of year 1 for text of the form YYYY-MM-DD; None for anything else."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        return None


def tokens(text: str) -> frozenset[str]:
    """The different words of a text, split at spaces."""
    return frozenset(word for word in text.split(" ") if word)
