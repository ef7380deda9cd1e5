"""One delivery from inbox to landing to text rows in a Parquet part."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.errors import DeliveryError
from pipelines.receive import delimited, fixed_width, workbook
from pipelines.receive.headings import wanted
from pipelines.receive.inbox import Folder
from pipelines.receive.landing import Kept, Landing
from pipelines.receive.manifest import DataFile, Manifest
from pipelines.receive.rows import EXTRA_COLUMN, EXTRA_FILE, ROW_NUMBER, Count, Reading, Reject
from pipelines.settings import SourceConfig

MANIFEST = "manifest.json"
Detect = Callable[[bytes], str]


@dataclass(frozen=True)
class Part:
    """Readable rows of one file: columns ``delivery_id file row_number`` and one per wanted heading."""

    path: Path
    delivery_id: str
    file: str
    rejects: tuple[Reject, ...]


@dataclass(frozen=True)
class Intake:
    """What taking a delivery needs besides the delivery. ``folder`` holds parts and copies, and is gone after the step."""

    source: SourceConfig
    landing: Landing
    folder: Path
    ticket: str
    detect: Detect


def take(folder: Folder, manifest: Manifest, intake: Intake) -> tuple[list[Part], int]:
    """Keep the files of a delivery and read their rows. Returns the parts and the number of rows read, rejects included.

    A file that the manifest does not name is a warning. All files are kept before any complaint, so that what was refused can be looked at.

    Raises:
        DeliveryError: RC-D05 to RC-D17.
    """
    paths = [folder.checked_path(f.name, n) for n, f in enumerate(manifest.files, 1)]
    kept = []
    for number, (path, file) in enumerate(zip(paths, manifest.files, strict=True), 1):
        with folder.fs.open(path, "rb") as stream:
            kept.append((file, intake.landing.keep(stream, f"{intake.ticket}-{manifest.sequence}-{number}")))
    intake.landing.remember_files(manifest.delivery_id, {file.name: copy.sha256 for file, copy in kept})
    for file, copy in kept:
        _check(file, copy, f"{folder.where}/{file.name}")
    parts, rows = [], 0
    for number, (file, copy) in enumerate(sorted(kept, key=lambda k: k[0].name), 1):
        part, count = _read_file(file, copy, manifest.delivery_id, intake, number, f"{folder.where}/{file.name}")
        parts.append(part)
        rows += count
    if folder.files - {f.name for f in manifest.files} - {MANIFEST}:
        parts[0] = replace(parts[0], rejects=(Reject(0, EXTRA_FILE, None, "warning"), *parts[0].rejects))
    return parts, rows


def _check(file: DataFile, copy: Kept, where: str) -> None:
    if copy.size != file.bytes:
        what = f"{copy.size} bytes instead of {file.bytes}"
        raise DeliveryError("RC-D08", what, where=where, why="truncated or still being uploaded", todo="Deliver it again")
    if copy.sha256 != file.sha256:
        raise DeliveryError("RC-D09", "the sha256 is another than the manifest's", where=where, todo="Deliver it again")


def _read_file(file: DataFile, copy: Kept, delivery_id: str, intake: Intake, number: int, where: str) -> tuple[Part, int]:
    path = intake.folder / f"{delivery_id}-{number}.parquet"
    count = Count()
    if _is_workbook(file.name, intake.source):
        with intake.landing.local(copy, intake.folder) as local:
            reading = workbook.read(local, intake.source, where)
            _write(reading, path, (delivery_id, file.name), intake.source, count)
    else:
        with intake.landing.open(copy) as stream:
            fixed = intake.source.form.kind == "fixed_width"
            reading = fixed_width.read(stream, intake.source, where) if fixed else _delimited(stream, intake, where)
            _write(reading, path, (delivery_id, file.name), intake.source, count)
    rows = count.rows + count.rejected
    if rows != file.rows:
        what = f"{rows} rows instead of {file.rows}"
        raise DeliveryError("RC-D10", what, where=where, why="truncated, or a wrong manifest", todo="Deliver it again")
    extra = tuple(Reject(0, EXTRA_COLUMN, heading, "warning") for heading in reading.extra)
    return Part(path, delivery_id, file.name, (*extra, *count.rejects)), rows


def _is_workbook(name: str, source: SourceConfig) -> bool:
    return source.form.kind == "excel" and name.lower().endswith((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"))


def _delimited(stream: IO[bytes], intake: Intake, where: str) -> Reading:
    """A delimited file; when encoding or header are wrong, the complaint says what the file looks like."""
    sample = stream.read(65536)
    stream.seek(0)
    try:
        decoded = delimited.Decoded(stream, intake.source.form, where)
        return delimited.read(decoded, intake.source, where)
    except DeliveryError as error:
        guess = intake.detect(sample) if error.code in {"RC-D11", "RC-D12"} else ""
        why = "; ".join(filter(None, (error.why, guess and f"the file looks like {guess}")))
        raise DeliveryError(error.code, error.what, where=error.where, why=why, todo=error.todo) from None


def _write(reading: Reading, path: Path, ids: tuple[str, str], source: SourceConfig, count: Count) -> None:
    text = [*wanted(source)]
    schema = pa.schema([("delivery_id", pa.string()), ("file", pa.string()), (ROW_NUMBER, pa.int64()), *((h, pa.string()) for h in text)])
    with pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=["delivery_id", "file"]) as writer:
        for block in reading.blocks:
            count.add(block)
            if block.batch.num_rows:
                constants = [pa.repeat(pa.scalar(value), block.batch.num_rows) for value in ids]
                columns = [*constants, block.batch.column(ROW_NUMBER), *(block.batch.column(h) for h in text)]
                writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))
