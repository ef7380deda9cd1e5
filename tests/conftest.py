"""Fixtures for every test: a real PostgreSQL server, started once per test run and gone with it."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

BINARIES = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/local/pgsql/bin"))


def _binaries() -> Path | None:
    """The folder of initdb and pg_ctl: of the system's packages, or on PATH."""
    found = shutil.which("initdb")
    return next((folder for folder in (*BINARIES, *([Path(found).parent] if found else [])) if (folder / "pg_ctl").is_file()), None)


def _as_postgres(*command: str) -> None:
    """Run a server command; PostgreSQL refuses root, so root runs it as the user postgres."""
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/", timeout=60, **user)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a running server's maintenance database; a folder and a port of its own."""
    folder = _binaries()
    if folder is None:
        message = "PostgreSQL's initdb and pg_ctl are not installed: install the package postgresql, or put them on PATH"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(message)
        pytest.skip(message)
    # not under pytest's own temporary folder: each new run of pytest closes that to other users, the server's among them
    base = Path(tempfile.mkdtemp(prefix="rollcall-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(base, "postgres", "postgres")
    data, port = base / "data", _free_port()
    try:
        _as_postgres(str(folder / "initdb"), "-D", str(data), "-A", "trust", "-U", "rollcall", "-E", "UTF8", "--no-sync")
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off -c synchronous_commit=off -c max_connections=40"
        )
        _as_postgres(str(folder / "pg_ctl"), "-D", str(data), "-l", str(data / "server.log"), "-o", options, "-w", "start")
        try:
            yield f"postgresql://rollcall@127.0.0.1:{port}/postgres"
        finally:
            _as_postgres(str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty schema of its own; far quicker to make and drop than a database."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
    yield f"{postgres_server}?options=-csearch_path%3D{name}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("SET client_min_messages = error")
        connection.execute(f'DROP SCHEMA "{name}" CASCADE')


@pytest.fixture(params=["sqlite", "postgresql"])
def control_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh control database of each kind: a test that takes it runs on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/control.sqlite"
    return str(request.getfixturevalue("postgres_url"))
