"""A snapshot of a table in a department's own database, as a full delivery of the night."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import IO, Any

import fsspec
import sqlalchemy as sa
from fsspec import AbstractFileSystem

from pipelines.connectors.place import MANIFEST, Place, option
from pipelines.errors import ConfigError, TemporaryError
from pipelines.settings import SourceConfig

ROWS_AT_ONCE = 10_000


def pull_table(source: SourceConfig, inbox: str, night: date) -> None:
    """Write the rows of a query as the night's delivery, read in one transaction.

    ``options``: ``url`` (SQLAlchemy), ``query`` or ``table`` (column names are the contract's headings), ``mode`` (full).
    An unchanged snapshot of the same night is left as it lies; a changed one gets the next sequence.
    """
    place, name = Place(inbox, source.source, night), source.form.files[0].replace("*", "")
    files, root = fsspec.core.url_to_fs(f"{inbox.rstrip('/')}/{source.source}")
    part = f"{root}/.pulling-{night:%Y%m%d}"
    try:
        file = {"name": name, **_snapshot(source, files, part)}
        lying = json.loads(place.manifest() or b"{}")
        if lying.get("files") == [file]:
            return
        head = {"contract": 1, "source": source.source, "business_date": night.isoformat(), "sequence": _last_sequence(files, root) + 1}
        manifest = {**head, "mode": option(source, "mode", "full"), "files": [file]}
        place.put({name: partial(files.open, part, "rb")}, json.dumps(manifest, ensure_ascii=False).encode())
    finally:
        if files.exists(part):
            files.rm_file(part)


class Counted(io.RawIOBase):
    """A stream to write to that knows the hash and the size of what went through."""

    def __init__(self, target: IO[bytes]) -> None:
        super().__init__()
        self._target, self._digest, self._size = target, hashlib.sha256(), 0

    def writable(self) -> bool:
        """A stream to write to."""
        return True

    def write(self, data: Any) -> int:
        """Write on, and count."""
        chunk = bytes(data)
        self._digest.update(chunk)
        self._size += len(chunk)
        self._target.write(chunk)
        return len(chunk)

    def counts(self) -> dict[str, object]:
        """As the manifest has them."""
        return {"sha256": self._digest.hexdigest(), "bytes": self._size}


def _snapshot(source: SourceConfig, files: AbstractFileSystem, path: str) -> dict[str, object]:
    """Write header and rows in the source's own encoding and delimiter. Returns sha256, bytes and rows as the manifest has them."""
    if source.form.kind != "delimited":
        raise ConfigError("RC-N01", "a database gives delimited files", where=f"sources/{source.source}.yml", todo="Set form.kind to delimited")
    where, rows = f"sources/{source.source}.yml", -1
    try:
        lots = _rows(source)
        first = next(lots)
        files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        with files.open(path, "wb") as target:
            counted = Counted(target)
            with io.TextIOWrapper(io.BufferedWriter(counted), encoding=source.form.encoding, newline="") as text:
                writer = csv.writer(text, delimiter=source.form.delimiter, lineterminator="\n")
                for lot in chain([first], lots):
                    writer.writerows([_text(cell) for cell in row] for row in lot)
                    rows += len(lot)
    except ModuleNotFoundError:
        raise ConfigError("RC-N02", "the database's driver is not installed", where=where, todo="Install it") from None
    except (sa.exc.OperationalError, sa.exc.InterfaceError):
        raise TemporaryError("RC-N03", "the database can't be read", where=source.source, todo="Check connector.options and run it again") from None
    except (sa.exc.ArgumentError, sa.exc.ProgrammingError, sa.exc.NoSuchTableError):
        raise ConfigError("RC-N01", "connector.options url, table or query is wrong", where=where) from None
    return {**counted.counts(), "rows": rows}


def _rows(source: SourceConfig) -> Iterator[Sequence[Sequence[Any]]]:
    """The header, then the rows in lots, from one snapshot of the database."""
    engine = sa.create_engine(option(source, "url"), hide_parameters=True)
    isolation = "REPEATABLE READ" if engine.dialect.name in {"postgresql", "mysql", "mariadb"} else "SERIALIZABLE"
    try:
        with engine.connect().execution_options(isolation_level=isolation, stream_results=True) as connection:
            answer = connection.execute(_query(source))
            yield [list(answer.keys())]
            yield from answer.partitions(ROWS_AT_ONCE)
    finally:
        engine.dispose()


def _query(source: SourceConfig) -> sa.Executable:
    if "query" in source.connector.options:
        return sa.text(option(source, "query"))
    schema, _, table = str(option(source, "table")).rpartition(".")
    return sa.select(sa.text("*")).select_from(sa.table(table, schema=schema or None))


def _text(cell: object) -> str:
    if cell is None:
        return ""
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _last_sequence(files: AbstractFileSystem, root: str) -> int:
    """The highest sequence among a source's manifests in the inbox; 0 = none yet."""
    found = files.glob(f"{root}/*/{MANIFEST}")
    return max((int(json.loads(files.cat_file(path)).get("sequence", 0)) for path in found), default=0)
