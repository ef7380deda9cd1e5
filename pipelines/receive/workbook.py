"""Excel workbooks: weighed before they are opened, read as text, title and footer lines left out."""

import datetime as dt
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from pipelines.errors import DeliveryError
from pipelines.receive.headings import Headings, folded, match, wanted
from pipelines.receive.rows import RAGGED, Block, Reading, Reject, block
from pipelines.settings import SourceConfig

MAX_UNPACKED = 2 << 30
MAX_RATIO = 100
SMALL = 50 << 20
"""A workbook that unpacks to less may be packed at any ratio: short repetitive sheets are."""
MAX_ENTRIES = 2_000
HEADER_WITHIN = 10
ROWS_AT_ONCE = 50_000

Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None


def weigh(path: Path, where: str) -> None:
    """Refuse an archive that is encrypted, has too many entries or unpacks out of proportion, before anything opens it.

    Entries are unpacked once and counted, because their declared sizes can lie.

    Raises:
        DeliveryError: RC-D15, or RC-D16 when it is no archive at all.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_ENTRIES or any(e.flag_bits & 1 for e in entries):
                raise DeliveryError("RC-D15", "the workbook is encrypted or has too many parts", where=where, todo="Deliver a plain workbook")
            limit = _limit(path)
            if sum(e.file_size for e in entries) > limit or _unpacked(archive, entries, limit) > limit:
                why = f"limit {limit >> 20} MB"
                raise DeliveryError("RC-D15", "the workbook unpacks to far too much", where=where, why=why, todo="Deliver a plain workbook")
    except (zipfile.BadZipFile, EOFError, RuntimeError):
        raise DeliveryError("RC-D16", "not a readable workbook", where=where, why="truncated or another format", todo="Deliver it again") from None


def _limit(path: Path) -> int:
    return min(MAX_UNPACKED, max(SMALL, path.stat().st_size * MAX_RATIO))


def _unpacked(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo], limit: int) -> int:
    total = 0
    for entry in entries:
        with archive.open(entry) as part:
            while total <= limit and (chunk := part.read(1 << 20)):
                total += len(chunk)
    return total


def read(path: Path, source: SourceConfig, where: str) -> Reading:
    """Read the first sheet whose first lines hold the contract's headings. Blank lines don't count.

    Raises:
        DeliveryError: RC-D12 to RC-D16.
    """
    weigh(path, where)
    try:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
        rows = iter(sheet.iter_rows())
        headings, width = _header(rows, source, where)
    except (CalamineError, IndexError):
        raise DeliveryError("RC-D16", "not a readable workbook", where=where, todo="Deliver it again") from None
    return Reading(headings.extra, _blocks(rows, headings, width, source))


def _header(rows: Iterator[list[Cell]], source: SourceConfig, where: str) -> tuple[Headings, int]:
    """The header line: the first of the leading lines that holds most headings."""
    known = {folded(h) for h in source.columns}
    line: list[str] = []
    for row in islice(rows, HEADER_WITHIN):
        line = [text(cell) or "" for cell in row]
        if len(known & set(map(folded, line))) * 2 > len(known):
            break
    if not line:
        raise DeliveryError("RC-D14", "the sheet is empty", where=where, todo="Deliver it again")
    while line and not line[-1]:
        line.pop()
    return match(line, source, where), len(line)


def _blocks(rows: Iterator[list[Cell]], headings: Headings, width: int, source: SourceConfig) -> Iterator[Block]:
    number = 0
    lines = _data_lines(rows, source.form.footer)
    while lot := list(islice(lines, ROWS_AT_ONCE)):
        numbers = np.arange(number + 1, number + 1 + len(lot), dtype=np.int64)
        number += len(lot)
        ragged = np.array([any(cell is not None for cell in line[width:]) for line in lot])
        kept = [line for line, bad in zip(lot, ragged, strict=True) if not bad]
        columns = [pa.array([line[headings.positions[h]] if h in headings.positions else None for line in kept], pa.string()) for h in wanted(source)]
        made = block(wanted(source), columns, numbers[~ragged], look_for_nul=True)
        yield Block(made.batch, (*(Reject(int(n), RAGGED) for n in numbers[ragged]), *made.rejects))


def _data_lines(rows: Iterable[list[Cell]], footer: Sequence[str]) -> Iterator[list[str | None]]:
    for row in rows:
        line = [text(cell) for cell in row]
        first = next((cell for cell in line if cell is not None), None)
        if first is not None and first.strip() not in footer:
            yield line


def text(cell: Cell) -> str | None:
    """A cell as the text that its author saw: whole numbers without a point, dates as ISO; blank is null.

    >>> [text(c) for c in ("张三", 20100305.0, 1.5, True, dt.date(2010, 3, 5), "", None)]
    ['张三', '20100305', '1.5', 'TRUE', '2010-03-05', None, None]
    """
    if isinstance(cell, str):
        return cell or None
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else str(cell)
