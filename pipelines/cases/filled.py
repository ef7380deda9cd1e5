"""Read a filled work list as a department sends it back: CSV in whatever encoding it was saved, or XLSX; headings in Chinese, English or by name."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import python_calamine

from pipelines.contracts.worklist import ANSWERED, CASE_ID
from pipelines.errors import UsageError
from pipelines.settings import FormConfig

READ_BACK = (CASE_ID, *ANSWERED)
HEADINGS = {text: blank.name for blank in READ_BACK for text in (blank.name, blank.zh, blank.en)}
HEADER_WITHIN = 10
"""A title may stand above the headings; they are looked for in so many lines."""


@dataclass(frozen=True)
class FilledLine:
    """One line: its number in the file (the first line is 1), the case, and the cells that were read back, by column name."""

    number: int
    case_id: str
    cells: Mapping[str, str]


def read_filled(path: Path, form: FormConfig) -> Iterator[FilledLine]:
    """The lines below the headings that aren't blank throughout.

    Raises:
        UsageError: RC-K20 the file can't be read, RC-K21 the headings of a work list are missing.
    """
    lines = _workbook(path) if path.suffix.lower() in {".xlsx", ".xlsm", ".xls", ".ods"} else _delimited(path, form)
    places: dict[str, int] = {}
    for number, cells in lines:
        if not places:
            found = {HEADINGS[c]: place for place, c in enumerate(cells) if c in HEADINGS}
            if CASE_ID.name in found:
                places = _all(found, path)
            elif number >= HEADER_WITHIN:
                break
        elif any(cells):
            read = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
            yield FilledLine(number, read.pop(CASE_ID.name), read)
    if not places:
        raise UsageError(
            "RC-K21", f"no heading '{CASE_ID.zh}' or '{CASE_ID.en}'", where=path.name, todo="Send the list back in the shape it was sent out"
        )


def _all(found: dict[str, int], path: Path) -> dict[str, int]:
    missing = [blank.en for blank in READ_BACK if blank.name not in found]
    if missing:
        raise UsageError(
            "RC-K21", f"columns are missing: {', '.join(missing)}", where=path.name, todo="Send the list back in the shape it was sent out"
        )
    return found


def _delimited(path: Path, form: FormConfig) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(path, form)
    head = next((line for line in text.splitlines()[:HEADER_WITHIN] if any(h in line for h in (CASE_ID.name, CASE_ID.zh, CASE_ID.en))), "")
    delimiter = max((form.delimiter, ",", ";", "\t"), key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [_clean(c) for c in cells]
    except csv.Error as error:
        raise UsageError("RC-K20", "not readable as CSV", where=f"{path.name}:{reader.line_num}", todo="Save it as CSV or XLSX again") from error


def _decoded(path: Path, form: FormConfig) -> str:
    """The text, by its byte order mark, in the department's own encoding, or as another program may have saved it."""
    data = path.read_bytes()
    first = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else form.encoding
    for encoding in (first, "utf-8", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UsageError("RC-K20", f"neither {form.encoding}, UTF-8 nor GB18030", where=path.name, todo="Save it as CSV or XLSX again")


def _workbook(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        rows: Sequence[Sequence[Any]] = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise UsageError("RC-K20", "not readable as a workbook", where=path.name, todo="Save it as XLSX again") from error
    for number, cells in enumerate(rows, 1):
        yield number, [_clean(_text(c)) for c in cells]


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _clean(cell: str) -> str:
    """Without surrounding blanks, and without the apostrophe that keeps a spreadsheet from computing the cell."""
    return cell.strip().removeprefix("'").strip()
