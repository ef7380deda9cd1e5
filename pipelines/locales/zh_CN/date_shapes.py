"""Dates written as machines write them, read as one matrix of digits; whatever looks otherwise is read one text at a time by ``date_text``.

A shape is taken only where one single form can be meant by it, so both ways give the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.locales.distinct import Bools, Bytes, Ints, Objects, byte_matrix, lengths
from pipelines.locales.zh_CN.date_text import FIRST, LAST, PLACEHOLDERS

Days = npt.NDArray[np.datetime64]
ZERO, NINE = ord("0"), ord("9")


@dataclass(frozen=True)
class Shape:
    """``#`` stands for a digit, anything else for itself; ``unless`` is a form that would read the same text otherwise."""

    text: str
    form: str
    precision: str = "day"
    unless: str = ""


SHAPES = (
    Shape("########", "YYYYMMDD"),
    Shape("##############", "YYYYMMDDHHMMSS"),
    Shape("####-##-##", "YYYY-MM-DD"),
    Shape("####/##/##", "YYYY-MM-DD"),
    Shape("####.##.##", "YYYY-MM-DD"),
    Shape("####-##-## ##:##", "YYYY-MM-DD"),
    Shape("####-##-## ##:##:##", "YYYY-MM-DD"),
    Shape("####-##-##T##:##:##", "YYYY-MM-DD"),
    Shape("####-##", "YYYY-MM-DD", "month"),
    Shape("######", "YYYYMM", "month", unless="YYMMDD"),
)
SAYS_NOTHING = np.array(sorted(map(int, PLACEHOLDERS)))


@dataclass(frozen=True)
class Found:
    """Which texts had a shape and named a day or month that there is; ``dates`` and ``precision`` of the others mean nothing."""

    read: Bools
    dates: Days
    precision: Objects


def read_shapes(values: Objects, forms: tuple[str, ...]) -> Found:
    """Read the texts of ``values`` that have one of ``SHAPES`` and that are surely no placeholder."""
    found = Found(np.zeros(len(values), np.bool_), np.full(len(values), "NaT", "M8[D]"), np.full(len(values), None, dtype=object))
    sizes = lengths(values)
    for shape in SHAPES:
        if shape.form not in forms or shape.unless in forms:
            continue
        rows = np.flatnonzero((sizes == len(shape.text)) & ~found.read)
        matrix = byte_matrix(values[rows], len(shape.text))
        fits = _fits(matrix, shape)
        rows, digits = rows[fits], matrix[fits][:, [n for n, c in enumerate(shape.text) if c == "#"]].astype(np.int64) - ZERO
        days, real = _days(digits, with_day=shape.precision == "day")
        found.read[rows[real]], found.dates[rows[real]], found.precision[rows[real]] = True, days[real], shape.precision
    return found


def _fits(matrix: Bytes, shape: Shape) -> Bools:
    fits = np.ones(len(matrix), dtype=np.bool_)
    for place, character in enumerate(shape.text):
        cells = matrix[:, place]
        fits &= (cells >= ZERO) & (cells <= NINE) if character == "#" else cells == ord(character)
    return fits


def _days(digits: Ints, *, with_day: bool) -> tuple[Days, Bools]:
    """The day that rows of digits name, and whether there is such a day between ``FIRST`` and ``LAST``."""
    year, month = digits[:, :4] @ [1000, 100, 10, 1], digits[:, 4:6] @ [10, 1]
    day = digits[:, 6:8] @ [10, 1] if with_day else np.ones_like(month)
    months = ((year - 1970) * 12 + month - 1).astype("M8[M]")
    days: Days = months.astype("M8[D]") + (day - 1).astype("m8[D]")
    real = (year >= FIRST) & (year <= LAST) & (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("M8[M]") == months)
    if with_day:
        real &= ~np.isin(year * 10_000 + month * 100 + day, SAYS_NOTHING)
    return days, real
