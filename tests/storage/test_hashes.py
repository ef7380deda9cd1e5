"""A table's hash is of its content: neither order nor layout nor threads change it, and each cell, type and name does."""

from pathlib import Path

import pytest

from pipelines.storage.frames import connect, table_hash

ROWS = "SELECT range AS id, CASE WHEN range % 7 = 0 THEN NULL ELSE 'r' || range END AS text FROM range(5000)"


def hashed(folder: Path, sql: str, options: str = "", threads: int = 2) -> str:
    path = folder / "table.parquet"
    with connect("1GB", threads) as con:
        con.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet{options})")
        return table_hash(path, con=con)


@pytest.mark.parametrize(
    ("sql", "options", "threads"),
    [(f"{ROWS} ORDER BY hash(id)", "", 2), (ROWS, ", ROW_GROUP_SIZE 2048, COMPRESSION snappy", 2), (ROWS, "", 1)],
    ids=["order", "layout", "threads"],
)
def test_the_same_content(tmp_path: Path, sql: str, options: str, threads: int) -> None:
    assert hashed(tmp_path, sql, options, threads) == hashed(tmp_path, ROWS)


OTHERS = {
    "a cell": f"SELECT id, CASE WHEN id = 3 THEN 'x' ELSE text END AS text FROM ({ROWS})",
    "a null": f"SELECT id, coalesce(text, '') AS text FROM ({ROWS})",
    "a row twice": f"{ROWS} UNION ALL SELECT 1, 'r1'",
    "a name": f"SELECT id, text AS other FROM ({ROWS})",
    "a type": f"SELECT id::INTEGER AS id, text FROM ({ROWS})",
    "no rows": f"SELECT * FROM ({ROWS}) WHERE false",
    "no rows of another type": f"SELECT id::INTEGER AS id, text FROM ({ROWS}) WHERE false",
}


def test_other_content(tmp_path: Path) -> None:
    found = {name: hashed(tmp_path, sql) for name, sql in {"itself": ROWS, **OTHERS}.items()}
    assert len(set(found.values())) == len(found)
