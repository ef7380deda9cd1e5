"""One run at a time: a lock of the operating system (and of PostgreSQL) that dies with its process. No file of process numbers, no guessing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from filelock import FileLock, Timeout

from pipelines.errors import BusyError

if TYPE_CHECKING:
    from pipelines.storage.control.database import ControlDatabase

RUN_LOCK = 0x726F6C6C72756E
"""Key of the PostgreSQL advisory lock of a run; it keeps two machines with one database apart."""


@contextmanager
def run_lock(data: Path, control: "ControlDatabase") -> Iterator[None]:
    """Hold the data folder, and with PostgreSQL the database too, for one run.

    Raises:
        BusyError: another run holds it.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(data / ".run.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise _busy(data) from error
    try:
        with _database_lock(control.engine, data):
            yield
    finally:
        lock.release()


@contextmanager
def _database_lock(engine: sa.Engine, data: Path) -> Iterator[None]:
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(RUN_LOCK))).scalar():
            raise _busy(data)
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(RUN_LOCK)))


def _busy(data: Path) -> BusyError:
    return BusyError("RC-S04", "another run is at work", where=data.name, todo="Wait for it to end; 'rollcall status' shows it")
