"""Delimited text: strictly decoded by the declared encoding, in blocks, never held whole in memory."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from pipelines.errors import DeliveryError
from pipelines.receive.headings import Headings, match, wanted
from pipelines.receive.rows import RAGGED, Block, Reading, Reject, block
from pipelines.settings import FormConfig, SourceConfig

CHUNK = 4 << 20
BLOCK = 8 << 20
"""Bytes of UTF-8 parsed at once, and so the longest row that can be read."""

CODECS = {"utf-8": "utf-8-sig", "gbk": "gb18030", "gb2312": "gb18030"}
"""A byte-order mark is dropped whether declared or not; GB 18030 is the superset of its forerunners."""


class Decoded(io.RawIOBase):
    """A byte stream in the declared encoding as one in UTF-8, decoded strictly chunk by chunk."""

    def __init__(self, stream: IO[bytes], form: FormConfig, where: str) -> None:
        super().__init__()
        self._stream, self._where, self._encoding = stream, where, form.encoding
        self._decoder = codecs.getincrementaldecoder(CODECS.get(form.encoding.lower(), form.encoding))("strict")
        self._private_use = str.maketrans(dict(form.private_use))
        self._read = 0
        self._ended = True
        self.nul = False
        self._head = self._next(CHUNK)
        if self._head and b"\n" not in self._head and b"\r" not in self._head:
            self._head += b"\n"  # a header alone; the parser wants a line

    def header(self, delimiter: str) -> list[str]:
        """The first line's cells; empty when the file is empty."""
        return next(csv.reader(io.StringIO(self._head.decode(), newline=""), delimiter=delimiter), [])

    def readable(self) -> bool:
        """A stream to read from."""
        return True

    def read(self, size: int = -1) -> bytes:
        """The next chunk as UTF-8; empty at the end. ``size`` is a hint. A last line without its newline gets one."""
        chunk, self._head = self._head or self._next(size if size > 0 else CHUNK), b""
        if not chunk and not self._ended:
            chunk = b"\n"
        self._ended = not chunk or chunk.endswith((b"\n", b"\r"))
        return chunk

    def _next(self, size: int) -> bytes:
        text = ""
        while not text:
            chunk = self._stream.read(size)
            try:
                text = self._decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise _not_decodable(self._where, self._encoding, self._read + error.start) from None
            self._read += len(chunk)
            self.nul = self.nul or b"\0" in chunk
            if not chunk:
                break
        return (text.translate(self._private_use) if self._private_use else text).encode()


def _not_decodable(where: str, encoding: str, offset: int) -> DeliveryError:
    return DeliveryError("RC-D11", f"not {encoding} near byte {offset}", where=where, todo="Deliver it in the agreed encoding")


def read(decoded: Decoded, source: SourceConfig, where: str) -> Reading:
    """Read a delimited file with a header line.

    Cells stay text, blank ones are null. A quoted cell can hold delimiters and newlines. Rows with too many or too few cells become
    rejects, footer lines vanish, empty lines don't count.

    Raises:
        DeliveryError: RC-D11 encoding, RC-D12 or RC-D13 header, RC-D14 empty file, RC-D17 a row longer than BLOCK.
    """
    header = decoded.header(source.form.delimiter)
    if not any(cell.strip("\ufeff \t") for cell in header):
        raise DeliveryError("RC-D14", "the file is empty", where=where, why="not even a header line", todo="Deliver it again")
    headings = match(header, source, where)
    return Reading(headings.extra, _blocks(decoded, headings, len(header), source, where))


def _blocks(decoded: Decoded, headings: Headings, width: int, source: SourceConfig, where: str) -> Iterator[Block]:
    ragged: list[int] = []
    footer = tuple(source.form.footer)

    def skip(row: arrow_csv.InvalidRow) -> str:
        if not (footer and row.text.lstrip('" ').startswith(footer)):
            ragged.append(row.number - 1)
        return "skip"

    good = reported = 0
    try:
        for batch in _open(decoded, width, source.form.delimiter, skip):
            numbers = row_numbers(good, batch.num_rows, ragged)
            good += batch.num_rows
            columns = _arranged(batch, headings.positions, wanted(source))
            made = block(wanted(source), columns, numbers, look_for_nul=decoded.nul)
            news = tuple(Reject(n, RAGGED) for n in ragged[reported:])
            reported = len(ragged)
            yield _without_footer(Block(made.batch, (*news, *made.rejects)), batch, numbers, footer)
    except pa.ArrowInvalid:
        what = f"a row is longer than {BLOCK >> 20} MB"
        raise DeliveryError("RC-D17", what, where=where, why="an unclosed quote?", todo="Deliver it again") from None
    if late := ragged[reported:]:
        yield Block(_none(wanted(source)), tuple(Reject(n, RAGGED) for n in late))


def row_numbers(before: int, count: int, ragged: Sequence[int]) -> np.ndarray:
    """Numbers of the next ``count`` readable rows after ``before`` of them, when the rows numbered ``ragged`` are left out.

    >>> row_numbers(0, 3, [2, 4]).tolist()
    [1, 3, 5]
    """
    gaps = np.asarray(ragged, dtype=np.int64)
    good = np.arange(before, before + count, dtype=np.int64)
    return good + 1 + np.searchsorted(gaps - 1 - np.arange(len(gaps)), good, side="right")


def _open(decoded: Decoded, width: int, delimiter: str, skip: object) -> arrow_csv.CSVStreamingReader:
    names = [f"c{i}" for i in range(width)]
    return arrow_csv.open_csv(
        pa.PythonFile(decoded, mode="r"),
        read_options=arrow_csv.ReadOptions(block_size=BLOCK, use_threads=False, column_names=names, skip_rows_after_names=1),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=skip),
        convert_options=arrow_csv.ConvertOptions(
            check_utf8=False,
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            quoted_strings_can_be_null=True,
            null_values=[""],
        ),
    )


def _arranged(batch: pa.RecordBatch, positions: Mapping[str, int], headings: Sequence[str]) -> list[pa.Array]:
    nothing = pa.nulls(batch.num_rows, pa.string())
    return [batch.column(positions[h]) if h in positions else nothing for h in headings]


def _without_footer(made: Block, delivered: pa.RecordBatch, numbers: np.ndarray, footer: tuple[str, ...]) -> Block:
    if not footer:
        return made
    first = delivered.column(0).to_pylist()
    gone = {int(n) for n, cell in zip(numbers, first, strict=True) if cell is not None and cell.strip() in footer}
    if not gone:
        return made
    keep = [n not in gone for n in made.batch.column("row_number").to_pylist()]
    return Block(made.batch.filter(pa.array(keep)), tuple(r for r in made.rejects if r.row_number not in gone))


def _none(headings: Sequence[str]) -> pa.RecordBatch:
    arrays = [pa.array([], pa.string()) for _ in headings]
    return pa.RecordBatch.from_arrays([*arrays, pa.array([], pa.int64())], names=[*headings, "row_number"])
