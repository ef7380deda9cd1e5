"""What a caller may hand in as a table, and one way to read it.

A table is a pandas frame, a pyarrow table, or the path of a Parquet file (a glob for several). It has an id column of
64-bit integers without nulls or repeats, and the columns that the model names. Missing is null (or NaN), never ''.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from matching.model import LinkageModel

if TYPE_CHECKING:
    import pyarrow as pa

Table = Any
"""pandas.DataFrame, pyarrow.Table, or the path (str, Path) of a Parquet file. Engines on a database also take the name of
one of its tables: text without a slash that does not end in .parquet."""


class TableError(ValueError):
    """A table lacks a column, or its ids cannot be used."""


def as_arrow(table: Table, columns: list[str] | None = None) -> pa.Table:
    """The table in pyarrow, with these columns only (all when None); NaN becomes null.

    Raises:
        TableError: it is none of the kinds of table above.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if isinstance(table, pd.DataFrame):
        return pa.Table.from_pandas(table if columns is None else table[columns], preserve_index=False)
    if isinstance(table, pa.Table):
        return table if columns is None else table.select(columns)
    if isinstance(table, str | Path):
        return pq.read_table(table, columns=columns)
    raise TableError(f"expected a pandas frame, a pyarrow table or a Parquet path, not {type(table).__name__}")


def is_path(text: str) -> bool:
    """Is it the path of a Parquet file, and not the name of a table in a database?"""
    return "/" in text or text.endswith(".parquet")


def wanted_columns(model: LinkageModel, id_column: str, new_column: str | None) -> list[str]:
    """The columns that an engine reads of each table, the id first."""
    return [id_column, *([new_column] if new_column else []), *model.columns]


def check_columns(found: list[str], wanted: list[str]) -> None:
    """Refuse a table that lacks a column.

    Raises:
        TableError: names every column that is missing.
    """
    missing = [column for column in wanted if column not in found]
    if missing:
        raise TableError(f"the table has no column {', '.join(missing)}; the model or the call names it")
