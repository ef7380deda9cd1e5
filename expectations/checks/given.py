"""Mutual conditions: a column that has to be given when another one says so."""

from collections.abc import Sequence

import pandas as pd


def holds(reason: pd.Series, needed: pd.Series, values: Sequence[str] | None = None) -> pd.Series:
    """Whether ``needed`` is given wherever ``reason`` is given (or holds one of ``values``)."""
    asked = reason.isin(list(values)) if values else reason.notna()
    answer: pd.Series = ~asked | needed.notna()
    return answer


def sql(reason: str, needed: str, values: Sequence[str] | None = None) -> str:
    """The same as an SQL condition on column expressions."""
    listed = ", ".join("'" + v.replace("'", "''") + "'" for v in values or ())
    asked = f"coalesce({reason} IN ({listed}), false)" if values else f"{reason} IS NOT NULL"
    return f"(NOT ({asked}) OR {needed} IS NOT NULL)"
