"""Export formats: one writer each. A new format is one function and one line here."""

from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from pipelines.publish.exports.formats.delimited import write_csv
from pipelines.publish.exports.formats.parquet import write_parquet

Writer = Callable[[duckdb.DuckDBPyConnection, str, Path], None]

FORMATS: Mapping[str, Writer] = {"parquet": write_parquet, "csv": write_csv}
"""Suffix -> writer of an ordered query's rows."""
