"""Dates as whole days since 1970-01-01 in integer columns, and back to the spellings of the extracts.

``NEVER`` marks an unknown or not yet happened day; it sorts after every real one.
"""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

NEVER = 10_000_000
EPOCH = date(1970, 1, 1)
YEAR = 365.2425


def day(value: date) -> int:
    """Days since 1970-01-01."""
    return (value - EPOCH).days


def calendar_date(value: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=int(value))


def parts(days: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Year, month and day of the month; an unknown day gives the parts of 1970-01-01."""
    safe = np.where(np.asarray(days) >= NEVER, 0, days).astype("datetime64[D]")
    months = safe.astype("datetime64[M]")
    year = safe.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    return year, month, (safe - months).astype(np.int64) + 1


def compact(days: IntArray) -> IntArray:
    """YYYYMMDD as an integer."""
    year, month, dom = parts(days)
    return year * 10000 + month * 100 + dom


def month_index(days: IntArray) -> IntArray:
    """Months since year 0: ``year * 12 + month - 1``."""
    year, month, _ = parts(days)
    return year * 12 + month - 1


def blank(values: pa.Array, unknown: BoolArray) -> pa.Array:
    """Text with nulls where the day is unknown."""
    return pc.if_else(pa.array(unknown), pa.scalar(None, pa.string()), values)


def digits(values: IntArray, width: int) -> pa.Array:
    """Integers as text of a fixed width, zeros in front."""
    return pc.utf8_lpad(pc.cast(pa.array(values), pa.string()), width, "0")


def text_compact(days: IntArray) -> pa.Array:
    """``20260131``; unknown = null."""
    return blank(digits(compact(days), 8), np.asarray(days) >= NEVER)


def text_iso(days: IntArray) -> pa.Array:
    """``2026-01-31``; unknown = null."""
    year, month, dom = parts(days)
    joined = pc.binary_join_element_wise(digits(year, 4), digits(month, 2), digits(dom, 2), "-")
    return blank(joined, np.asarray(days) >= NEVER)


def text_chinese(days: IntArray) -> pa.Array:
    """``2026年1月31日``; unknown = null."""
    year, month, dom = (pc.cast(pa.array(part), pa.string()) for part in parts(days))
    joined = pc.binary_join_element_wise(year, "年", month, "月", dom, "日", "")
    return blank(joined, np.asarray(days) >= NEVER)


def text_month(index: IntArray) -> pa.Array:
    """``202601`` of a month index; unknown = null."""
    values = np.asarray(index)
    return blank(digits(values // 12 * 100 + values % 12 + 1, 6), values >= NEVER)
