"""Parquet: zstd, the order of the query, fixed row groups."""

from pathlib import Path

import duckdb

from pipelines.storage.frames import write_query


def write_parquet(con: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """Write a query's rows in its order."""
    write_query(con, query, path)
