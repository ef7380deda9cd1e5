"""One key, one content: a key that comes twice in a delivery has to say the same both times."""

from collections.abc import Sequence

import pandas as pd


def holds(columns: pd.DataFrame) -> pd.Series:
    """Whether the last column has one value over all rows that agree in the columns before it. A blank key agrees with none."""
    *key, content = columns.columns
    versions = columns.groupby(key, dropna=True)[content].transform("nunique")
    answer: pd.Series = ~(versions > 1)
    return answer


def sql(columns: Sequence[str], batch: str) -> str:
    """The same as an SQL condition on column expressions of the table expression ``batch``."""
    *key, content = columns
    return _not_among(key, batch, f"min({content}) <> max({content})")


def unique_sql(columns: Sequence[str], batch: str) -> str:
    """Great Expectations' own ``expect_compound_columns_to_be_unique`` as an SQL condition; rows with a null in them pass."""
    return _not_among(columns, batch, "count(*) > 1")


def _not_among(key: Sequence[str], batch: str, having: str) -> str:
    keys = ", ".join(key)
    given = " AND ".join(f"{k} IS NOT NULL" for k in key)
    found = f"SELECT {keys} FROM {batch} WHERE {given} GROUP BY {keys} HAVING {having}"
    return f"coalesce(({keys}) NOT IN ({found}), true)"
