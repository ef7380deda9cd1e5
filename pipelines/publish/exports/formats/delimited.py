"""CSV for machines: UTF-8 without BOM, commas, a header, blanks for null, dates ISO, every text quoted only where needed."""

from pathlib import Path

import duckdb

from pipelines.storage.frames import quoted


def write_csv(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write a query's rows in its order."""
    con.execute(f"COPY ({query}) TO {quoted(path)} (FORMAT csv, HEADER true, DATEFORMAT '%Y-%m-%d')")
