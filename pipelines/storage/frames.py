"""Parquet tables: written sorted, so that the same content gives the same bytes; hashed without regard to order."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from pipelines.contracts.columns import Table

OBS_ID_MACRO = """
CREATE OR REPLACE MACRO obs_id(source, record_key, role) AS (
    CAST(('0x' || substr(md5(concat_ws('|', source, record_key, role)), 1, 15)) AS BIGINT)
)
"""
"""60 bits of md5, so that the id is a positive BIGINT on every engine; 10 million ids collide with p < 1e-4, and a collision is an error."""


def connect(memory_limit: str = "4GB", threads: int = 2, spill: Path | None = None) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB with the limits of a run and the macro ``obs_id(source, record_key, role)``.

    Nothing is installed or loaded from outside.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "threads": str(threads),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "preserve_insertion_order": "true",
        # DuckDB 2.0.0 takes the branches of a UNION ALL that differ only in the columns they give for one and the same: wrong rows, no error.
        "disabled_optimizers": "common_subplan",
    }
    if spill is not None:
        spill.mkdir(parents=True, exist_ok=True, mode=0o700)
        config["temp_directory"] = str(spill)
    con = duckdb.connect(":memory:", config=config)
    con.execute("SET enable_progress_bar = false")
    con.execute(OBS_ID_MACRO)
    return con


def quoted(path: Path) -> str:
    """A path as an SQL string literal."""
    return "'" + str(path).replace("'", "''") + "'"


def scan(*paths: Path) -> str:
    """Parquet files of the same columns as one SQL table expression: to plan one scan of many files costs less than many scans of one."""
    return f"read_parquet([{', '.join(map(quoted, paths))}])"


def write_query(con: duckdb.DuckDBPyConnection, sql: str, path: Path, order_by: Sequence[str] = ()) -> None:
    """Write a query's rows to Parquet, sorted by ``order_by``."""
    order = " ORDER BY " + ", ".join(f'"{c}" NULLS FIRST' for c in order_by) if order_by else ""
    con.execute(f"COPY (SELECT * FROM ({sql}){order}) TO {quoted(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)")


def write_table(con: duckdb.DuckDBPyConnection, sql: str, table: Table, path: Path) -> None:
    """Write a query's rows as ``table``: its columns in order and type, sorted by its key. ``open`` tables keep further columns."""
    listed = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in table)
    rest = ", * EXCLUDE (" + ", ".join(f'"{n}"' for n in table.names) + ")" if table.open else ""
    write_query(con, f"SELECT {listed}{rest} FROM ({sql})", path, table.key or table.names)


def write_frame(frame: pd.DataFrame, table: Table, path: Path, con: duckdb.DuckDBPyConnection | None = None) -> None:
    """Write a pandas frame as ``table``, over ``con`` when the caller has one open. Missing nullable columns become null."""
    if frame.empty and not table.open:
        empty(table, path, con)
        return
    missing = [c for c in table if c.name not in frame.columns]
    with _given_or_own(con) as used:
        used.register("frame_to_write", frame.assign(**{c.name: None for c in missing}))
        write_table(used, "SELECT * FROM frame_to_write", table, path)
        used.unregister("frame_to_write")


def empty(table: Table, path: Path, con: duckdb.DuckDBPyConnection | None = None) -> None:
    """Write ``table`` without rows."""
    columns = ", ".join(f'CAST(NULL AS {c.type}) AS "{c.name}"' for c in table)
    with _given_or_own(con) as used:
        write_query(used, f"SELECT {columns} WHERE false", path)


@contextmanager
def _given_or_own(con: duckdb.DuckDBPyConnection | None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Opening a connection costs more than most small queries, so callers with one at hand pass it."""
    if con is not None:
        yield con
        return
    with connect() as own:
        yield own


def keep_file(held: Path, written: Path) -> None:
    """The same file under both names where the file system allows it, else a copy: files of steps and vintages are never written again."""
    try:
        os.link(held, written)
    except OSError:
        shutil.copyfile(held, written)


def table_hash(path: Path, leave_out: Sequence[str] = (), con: duckdb.DuckDBPyConnection | None = None) -> str:
    """A hash of a table's content that does not depend on row order, file layout, or thread count.

    The columns' names and types, the row count, and the sum of each row's md5 (as 64-bit halves).
    """
    with _given_or_own(con) as used:
        described = used.execute(f"DESCRIBE SELECT * FROM {scan(path)}").fetchall()
        columns = [(name, kind) for name, kind, *_ in described if name not in leave_out]
        sums = _row_sums(used, path, [name for name, _ in columns]) if row_count(path) else (0, 0, 0)
    return hashlib.sha256("|".join(map(str, (columns, *sums))).encode()).hexdigest()


def column_names(path: Path) -> list[str]:
    """Columns of a Parquet file, from its footer."""
    return list(pq.read_schema(path).names)


def row_count(path: Path) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(pq.read_metadata(path).num_rows)


def _row_sums(con: duckdb.DuckDBPyConnection, path: Path, columns: Sequence[str]) -> tuple[int, int, int]:
    """Row count, and the sums of both halves of each row's md5, reckoned once per row."""
    row = "concat_ws(chr(31), " + ", ".join(f'coalesce(CAST("{name}" AS VARCHAR), chr(30))' for name in columns) + ")"
    [(count, low, high)] = con.execute(
        f"""SELECT count(*), sum(CAST(digest >> 64 AS HUGEINT)), sum(CAST(digest & {2**64 - 1} AS HUGEINT))
            FROM (SELECT md5_number({row}) AS digest FROM {scan(path)})"""
    ).fetchall()
    return count, low, high
