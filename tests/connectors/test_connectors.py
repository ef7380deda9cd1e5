"""Connectors against the real thing: folders, a web server, SQLite and PostgreSQL."""

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipelines.connectors import pull
from pipelines.errors import ConfigError, TemporaryError
from pipelines.settings import ConnectorConfig, SourceConfig
from tests.receive.deliver import Desk, deployment

NIGHT = date(2026, 1, 31)
ROWS = [{"出生医学证明编号": f"K88000000{i}", "新生儿姓名": "张三之子"} for i in range(3)]


def birth(kind: str, **options: Any) -> SourceConfig:
    """The birth source with another connector."""
    return deployment().sources["birth"].model_copy(update={"connector": ConnectorConfig(kind=kind, options=options)})


def received(desk: Desk) -> int:
    """Rows that receive finds after a pull."""
    return desk.receive("birth", NIGHT).count("raw")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A department's own folder with a delivery, and one still being uploaded."""
    desk = Desk(tmp_path / "elsewhere")
    desk.deliver("birth", NIGHT, 1, "events", ROWS)
    (desk.deliver("birth", date(2026, 1, 30), 1, "events", ROWS) / "manifest.json").unlink()
    desk.deliver("birth", date(2026, 2, 1), 2, "events", ROWS)
    (desk.inbox / "birth" / "notes").mkdir()
    return desk.inbox / "birth"


def test_a_folder_without_url_is_filled_by_the_department(tmp_path: Path) -> None:
    pull(birth("folder"), str(tmp_path / "inbox"), NIGHT)
    assert not (tmp_path / "inbox").exists()


def test_folders_elsewhere(tmp_path: Path, elsewhere: Path) -> None:
    desk = Desk(tmp_path)
    for _ in range(2):
        pull(birth("folder", url=f"file://{elsewhere}"), str(desk.inbox), NIGHT)
        assert [p.name for p in (desk.inbox / "birth").iterdir()] == ["20260131"], "no unfinished folder, none of a later day"
        assert received(desk) == 3


def test_a_new_version_elsewhere_replaces_the_folder(tmp_path: Path, elsewhere: Path) -> None:
    desk = Desk(tmp_path)
    source = birth("folder", url=str(elsewhere))
    pull(source, str(desk.inbox), NIGHT)
    Desk(elsewhere.parents[1]).deliver("birth", NIGHT, 2, "events", ROWS[:2])
    pull(source, str(desk.inbox), NIGHT)
    assert received(desk) == 2


@pytest.fixture
def server(elsewhere: Path) -> Iterator[str]:
    """A web server over the department's folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(elsewhere))) as web:
        thread = threading.Thread(target=web.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{web.server_address[1]}"
        web.shutdown()
        thread.join()


def test_web(tmp_path: Path, server: str) -> None:
    desk = Desk(tmp_path)
    pull(birth("http", url=server, days=2), str(desk.inbox), NIGHT)
    assert received(desk) == 3


def test_web_that_is_away_is_temporary(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError, match="RC-N03"):
        pull(birth("http", url="http://127.0.0.1:9", days=0), str(tmp_path), NIGHT)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A real table of birth certificates."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/births.sqlite"
    else:
        url = str(request.getfixturevalue("postgres_server")).replace("postgresql://", "postgresql+psycopg://")
    engine = sa.create_engine(url)
    headings = list(deployment().sources["birth"].columns)
    table = sa.Table("births", sa.MetaData(), *(sa.Column(h, sa.Text) for h in headings))
    table.drop(engine, checkfirst=True)
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), [{h: row.get(h) for h in headings} for row in ROWS])
    yield url
    table.drop(engine)
    engine.dispose()


def test_a_table_becomes_a_full_delivery(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIRTHS_URL", database)
    desk = Desk(tmp_path)
    source = birth("sql", url="${BIRTHS_URL}", table="births", mode="events")
    manifest = desk.inbox / "birth" / "20260131" / "manifest.json"
    for _ in range(2):
        pull(source, str(desk.inbox), NIGHT)
        assert json.loads(manifest.read_text())["sequence"] == 1, "the same snapshot again changes nothing"
    assert received(desk) == 3
    with sa.create_engine(database).begin() as connection:
        connection.execute(sa.text("DELETE FROM births WHERE \"出生医学证明编号\" = 'K880000000'"))
    pull(source, str(desk.inbox), NIGHT)
    assert json.loads(manifest.read_text())["sequence"] == 2
    assert received(desk) == 2


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises((ConfigError, TemporaryError), match="RC-N0"):
        pull(birth("sql", url=f"sqlite:///{tmp_path}/none.sqlite", table="births"), str(tmp_path / "inbox"), NIGHT)
    assert not (tmp_path / "inbox").exists()


@pytest.mark.parametrize("kind", ["sql", "http", "sftp", "s3"])
def test_a_missing_option_is_named(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigError, match=r"RC-N01 sources/birth.yml: connector.options.url is missing"):
        pull(birth(kind), str(tmp_path), NIGHT)


def test_a_missing_variable_is_named_without_its_value(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="RC-N01") as error:
        pull(birth("sql", url="postgresql://me:secret@${NO_SUCH_VARIABLE}/x", table="t"), str(tmp_path), NIGHT)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(("kind", "module"), [("s3", "s3fs"), ("sftp", "paramiko")])
def test_a_missing_package_is_named(tmp_path: Path, kind: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(ConfigError, match=f"RC-N02 '{kind}' needs a package that is not installed. Install {module}"):
        pull(birth(kind, url=f"{kind}://host/path"), str(tmp_path), NIGHT)


def test_names_that_lead_elsewhere_are_not_followed(tmp_path: Path, elsewhere: Path) -> None:
    path = elsewhere / "20260131" / "manifest.json"
    path.write_text(path.read_text().replace("birth_certificates.csv", "../../secret"))
    with pytest.raises(Exception, match="RC-N04"):
        pull(birth("folder", url=str(elsewhere)), str(tmp_path / "inbox"), NIGHT)
    shutil.rmtree(elsewhere)
