"""The two words every table is described with: a column and a table."""

from collections.abc import Iterator
from dataclasses import dataclass, field

TEXT, DATE, FLAG, INT, LONG, REAL = "VARCHAR", "DATE", "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE"
INTS, LONGS = "INTEGER[]", "BIGINT[]"
RECORD_LIST = "STRUCT(source VARCHAR, record_key VARCHAR, role VARCHAR)[]"
"""DuckDB types, by what a column holds."""


@dataclass(frozen=True)
class Column:
    """One column: its DuckDB type, whether it may be null, and what it says (English, Chinese)."""

    name: str
    type: str
    doc: str
    zh: str = ""
    null: bool = True
    personal: bool = False


@dataclass(frozen=True)
class Table:
    """One Parquet table: its columns in order, the key that is unique in it, and what a row is.

    ``family`` tables exist once per source and are named ``<name>_<source>``; ``open`` tables carry
    the source's own columns after the listed ones.
    """

    name: str
    doc: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    family: bool = False
    open: bool = False
    stable: bool = False
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(c.name for c in self.columns))

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def ddl(self) -> str:
        """The columns as DuckDB writes them: ``a VARCHAR, b DATE``."""
        return ", ".join(f'"{c.name}" {c.type}' for c in self.columns)
