"""Between pandas frames of a contract and rows of the control database."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from pipelines.contracts.columns import Table

Row = dict[str, Any]
PLAIN = (str, int, float, bool, date)

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def to_rows(frame: pd.DataFrame, names: Sequence[str]) -> list[Row]:
    """Rows of plain Python values: a missing value is None, dates are dates, lists are compact JSON text with sorted keys."""
    columns = {name: _plain_column(frame[name]) if name in frame else [None] * len(frame) for name in names}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain_column(column: "pd.Series[Any]") -> list[Any]:
    """A column is of one kind; only lists, structs, decimals and time stamps need a look at each value."""
    if pd.api.types.is_datetime64_any_dtype(column):
        column = column.dt.date
    present, full = column.notna().to_numpy(), np.full(len(column), None, dtype="object")
    full[present] = column.to_numpy(dtype="object")[present]
    values: list[Any] = full.tolist()
    first = next((v for v in values if v is not None), None)
    return values if isinstance(first, PLAIN) and not isinstance(first, pd.Timestamp) else [_plain(v) for v in values]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple | dict):
        return canonical(value)
    if isinstance(value, pd.Timestamp):
        return value.date()
    return float(value) if isinstance(value, Decimal) else value


def canonical(value: Any) -> str:
    """JSON with sorted keys, no spaces, Chinese as it is: the one text that hashes are taken of."""
    return _ENCODER.encode(value)


def to_frame(rows: Sequence[Mapping[str, Any]], table: Table) -> pd.DataFrame:
    """A frame of exactly the contract's columns; lists are Python lists again."""
    frame = pd.DataFrame({c.name: pd.Series([row[c.name] for row in rows], dtype=_dtype(c.type)) for c in table}, columns=list(table.names))
    for column in table:
        if column.type.endswith("[]"):
            frame[column.name] = [json.loads(text) for text in frame[column.name]]
        elif column.type == "DECIMAL(14,2)":
            amounts = [None if pd.isna(v) else Decimal(f"{v:.2f}") for v in frame[column.name]]
            frame[column.name] = pd.Series(amounts, dtype="object")
    return frame


def _dtype(contract: str) -> str:
    return {"INTEGER": "Int32", "BIGINT": "Int64", "DOUBLE": "Float64"}.get(contract, "object")
