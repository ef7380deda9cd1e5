"""What a reader hands on: blocks of rows as text, and the rows that it could not read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ROW_NUMBER = "row_number"
MAX_CELL = 32_767
"""Characters in the longest cell that is kept: the limit of a spreadsheet cell. A longer one is a broken quote or an attack."""

RAGGED, NUL, LONG_CELL, EXTRA_COLUMN, EXTRA_FILE = "RC-D31", "RC-D32", "RC-D33", "RC-D34", "RC-D35"


@dataclass(frozen=True)
class Reject:
    """A row that could not be read, or (``row_number`` 0) a warning about the whole file. Holds no cell."""

    row_number: int
    code: str
    column: str | None = None
    severity: str = "critical"


@dataclass(frozen=True)
class Block:
    """Rows in delivered order: one string column per wanted heading, and ``row_number``."""

    batch: pa.RecordBatch
    rejects: tuple[Reject, ...] = ()


@dataclass(frozen=True)
class Reading:
    """A file being read: its unknown headings, and its blocks one after the other."""

    extra: tuple[str, ...]
    blocks: Iterator[Block]


@dataclass
class Count:
    """The reader's own count, one side of the double entry."""

    rows: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def add(self, block: Block) -> None:
        """Count a block."""
        self.rows += block.batch.num_rows
        self.rejected += len({r.row_number for r in block.rejects})
        self.rejects.extend(block.rejects)


def block(headings: Sequence[str], columns: Sequence[pa.Array], numbers: np.ndarray, *, look_for_nul: bool) -> Block:
    """Make a block, moving out the rows with a NUL or an oversized cell."""
    rejects: list[Reject] = []
    bad = np.zeros(len(numbers), dtype=bool)
    for heading, column in zip(headings, columns, strict=True):
        checks = [(LONG_CELL, _longer(column))]
        if look_for_nul:
            checks.append((NUL, _flags(pc.match_substring(column, "\0"))))
        for code, hit in checks:
            if hit is not None and hit.any():
                rejects.extend(Reject(int(n), code, heading) for n in numbers[hit])
                bad |= hit
    batch = pa.RecordBatch.from_arrays([*columns, pa.array(numbers, pa.int64())], names=[*headings, ROW_NUMBER])
    return Block(batch.filter(pa.array(~bad)) if bad.any() else batch, tuple(rejects))


def _longer(column: pa.Array) -> np.ndarray | None:
    """Rows with a cell of more than MAX_CELL characters; null when none has as many bytes."""
    longest = pc.max(pc.binary_length(column)).as_py()
    if longest is None or longest <= MAX_CELL:
        return None
    return _flags(pc.greater(pc.utf8_length(column), MAX_CELL))


def _flags(answers: pa.BooleanArray) -> np.ndarray:
    flags: np.ndarray = pc.equal(pc.fill_null(answers, fill_value=False), pa.scalar(value=True)).to_numpy(zero_copy_only=False)
    return flags
