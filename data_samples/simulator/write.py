"""Bytes of a delivery: CSV in the source's encoding, real workbooks, manifests. Same content, same bytes."""

import codecs
import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from data_samples.simulator.clock import calendar_date
from data_samples.simulator.sources import Delivery, Source

CHUNK = 1 << 22
FEW = 5_000
WORKBOOK_DATE = datetime(2026, 1, 1)  # noqa: DTZ001 - a workbook knows no time zone


@dataclass(frozen=True)
class FileForm:
    """How one file is written; the quirks are the file-level dirt of the contract."""

    encoding: str
    delimiter: str
    line_end: str
    bom: bool
    footer: bool = False

    @classmethod
    def of(cls, source: Source) -> "FileForm":
        """The form that the contract promises."""
        return cls(source.encoding, source.delimiter, source.line_end, source.bom)

    def with_quirk(self, quirk: str) -> "FileForm":
        """The same with one surprise; a quirk that concerns the columns leaves the form alone."""
        changes: dict[str, dict[str, object]] = {
            "bom": {"bom": True},
            "bom_missing": {"bom": False},
            "crlf": {"line_end": "\r\n"},
            "lf": {"line_end": "\n"},
            "footer": {"footer": True},
        }
        return replace(self, **changes.get(quirk, {}))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Part:
    """A written data file, as the manifest names it."""

    name: str
    sha256: str
    bytes: int
    rows: int


def blank_to_null(table: pa.Table) -> pa.Table:
    """Empty text as null, so that an empty cell is written without quotes."""
    columns = [pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column) for column in table.columns]
    return pa.table(dict(zip(table.column_names, columns, strict=True)))


def small_csv(table: pa.Table, delimiter: str) -> bytes:
    """The same for few rows, without a database."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(table.column_names)
    writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return text.getvalue().encode()


def utf8_chunks(table: pa.Table, path: Path, delimiter: str) -> Iterator[bytes]:
    """CSV as DuckDB writes it (quotes where needed), in chunks, from a file that is gone afterwards."""
    if len(table) < FEW:
        yield small_csv(table, delimiter)
        return
    scratch = path.with_name(path.name + ".part")
    connection = duckdb.connect()
    try:
        connection.execute("SET enable_progress_bar=false")
        connection.register("delivered", blank_to_null(table))
        connection.execute(f"COPY (SELECT * FROM delivered) TO '{scratch}' (FORMAT csv, HEADER, DELIMITER '{delimiter}', NULLSTR '')")
        with scratch.open("rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk
    finally:
        connection.close()
        scratch.unlink(missing_ok=True)


def write_csv(table: pa.Table, path: Path, form: FileForm) -> Part:
    """Write one delimited text file; returns name, hash, size and rows."""
    digest, size = hashlib.sha256(), 0
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("wb") as target:

        def put(text: str) -> None:
            nonlocal size
            data = text.replace("\n", form.line_end).encode(form.encoding) if form.line_end != "\n" else text.encode(form.encoding)
            digest.update(data)
            size += len(data)
            target.write(data)

        if form.bom:
            put("\ufeff")
        for chunk in utf8_chunks(table, path, form.delimiter):
            put(decoder.decode(chunk))
        if form.footer:
            put(form.delimiter.join(["合计", str(len(table))] + [""] * (len(table.column_names) - 2)) + "\n")
    return Part(path.name, digest.hexdigest(), size, len(table))


def write_workbook(table: pa.Table, path: Path, title: str) -> Part:
    """Write a workbook: title line, header, text cells, 合计 line; fixed dates, so that bytes repeat."""
    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": title, "comments": "SYNTHETIC", "created": WORKBOOK_DATE})
    sheet = book.add_worksheet("学籍")
    text = book.add_format({"num_format": "@"})
    sheet.write_string(0, 0, title)
    for column, name in enumerate(table.column_names):
        sheet.write_string(1, column, name, text)
    row = 2
    for batch in table.to_batches(max_chunksize=10_000):
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            for column, value in enumerate(values):
                if value:
                    sheet.write_string(row, column, value, text)
            row += 1
    sheet.write_string(row, 0, "合计")
    sheet.write_string(row, 1, str(len(table)))
    book.close()
    data = path.read_bytes()
    return Part(path.name, hashlib.sha256(data).hexdigest(), len(data), len(table))


def write_manifest(folder: Path, delivery: Delivery, parts: list[Part]) -> None:
    """The manifest, last of all: a folder without it is still being uploaded."""
    manifest = {
        "contract": 1,
        "source": delivery.source,
        "business_date": calendar_date(delivery.folder).isoformat(),
        "sequence": delivery.sequence,
        "mode": delivery.mode,
        "files": [vars(part) for part in parts],
        "synthetic": True,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
