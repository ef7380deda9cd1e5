"""Sessions of one DuckDB are as apart as DuckDBs of their own, and what one made is gone with it."""

from pathlib import Path

import duckdb
import pytest

from pipelines.storage.sessions import Sessions


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions("1GB", 2, tmp_path / "spill")


def test_no_session_sees_anothers_tables(sessions: Sessions) -> None:
    one, other = sessions.open(), sessions.open()
    for con, number in ((one, 1), (other, 2)):
        con.execute(f"CREATE TABLE t AS SELECT {number} AS x")
        con.execute("CREATE VIEW v AS SELECT * FROM t")
        con.execute(f"CREATE TEMP TABLE u AS SELECT {number} AS y")
        con.execute("SET VARIABLE z = ?", [number])
    assert [con.execute("SELECT x, y, getvariable('z') FROM v, u").fetchall() for con in (one, other)] == [[(1, 1, 1)], [(2, 2, 2)]]
    with pytest.raises(duckdb.CatalogException):
        sessions.open().execute("SELECT * FROM t")


def test_every_session_has_the_macro_and_the_limits(sessions: Sessions) -> None:
    asked = "SELECT obs_id('police', 'A1', 'self'), current_setting('threads'), current_setting('disabled_optimizers')"
    found = [sessions.open().execute(asked).fetchall() for _ in range(2)]
    assert found[0] == found[1]
    assert found[0][0][1:] == (2, "common_subplan")


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "only let go"])
def test_what_a_session_made_is_freed(sessions: Sessions, *, closed: bool) -> None:
    watcher = sessions.open()
    catalogues = "SELECT count(*) FROM duckdb_databases() WHERE NOT internal"
    [(before,)] = watcher.execute(catalogues).fetchall()
    con = sessions.open()
    con.execute("CREATE TABLE t AS SELECT range AS x FROM range(100_000)")
    if closed:
        con.close()
    del con
    assert watcher.execute(catalogues).fetchall() == [(before,)]


def test_an_open_transaction_of_a_failed_step_does_not_stay(sessions: Sessions) -> None:
    con = sessions.open()
    con.execute("BEGIN")
    con.execute("CREATE TABLE t AS SELECT 1 AS x")
    con.close()
    del con
    assert sessions.open().execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 't'").fetchall() == [(0,)]
