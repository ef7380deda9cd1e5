"""Open the control database: SQLite (WAL, foreign keys, one writer at a time) or PostgreSQL (psycopg), migrated to the present schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pipelines.errors import ConfigError, TemporaryError

WRITER_LOCK = 0x726F6C6C63616C6C
"""Key of the PostgreSQL advisory lock that every writing transaction takes: the audit chain has one end."""

BUSY_SECONDS = 30


def open_engine(url: str) -> sa.Engine:
    """An engine for ``sqlite:///path`` or ``postgresql://...``; a SQLite file's folder is made when missing.

    Raises:
        ConfigError: the URL names neither.
    """
    parsed = sa.make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(parsed)
    if backend == "postgresql":
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
    raise ConfigError("RC-S01", f"no control database of kind '{backend}'", todo="Give sqlite:///<file> or postgresql://<user>@<host>/<database>")


def _open_sqlite(url: sa.URL) -> sa.Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would leave reads outside of transactions
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", f"busy_timeout = {BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that sees one state of the database."""
    level = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with _translated(), engine.connect().execution_options(**level) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction that writes. Writers follow one another."""
    with _translated(), engine.connect().execution_options(writes=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITER_LOCK)))
        yield connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as error:
        todo = "Look after it, and run the command again"
        raise TemporaryError("RC-S02", "the control database can't be reached or is busy", why=type(error.orig).__name__, todo=todo) from error


def migrate(engine: sa.Engine) -> None:
    """Bring the schema up to date; two processes that do it at once follow one another.

    Raises:
        ConfigError: the database was made by a newer version.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    with reading(engine) as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    if at == script.get_current_head():
        return
    if at is not None and at not in {revision.revision for revision in script.walk_revisions()}:
        raise ConfigError("RC-S03", "the control database was made by a newer version", todo="Upgrade, or restore the copy taken before the upgrade")
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
