"""Dates as text in a declared form: right shape, a day of the calendar, and within a span of years."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

TIME = r"(?:[01][0-9]|2[0-3]):?[0-5][0-9]"


@dataclass(frozen=True)
class Form:
    """A form: its pattern, and how the first ``width`` characters (0 = all) read as a date."""

    pattern: str
    strptime: str
    width: int = 0


FORMS = {
    "YYYYMMDD": Form(r"^[0-9]{8}\Z", "%Y%m%d"),
    "YYYY-MM-DD": Form(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", "%Y-%m-%d"),
    "YYYY年M月D日": Form(r"^[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日\Z", "%Y年%m月%d日"),
    "YYYYMM": Form(r"^[0-9]{6}\Z", "%Y%m"),
    "YYYYMMDDHHMMSS": Form(rf"^[0-9]{{8}}{TIME.replace(':?', '')}[0-5][0-9]\Z", "%Y%m%d", 8),
    "YYYY-MM-DD HH:MM": Form(rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}} {TIME.replace(':?', ':')}\Z", "%Y-%m-%d", 10),
}


def holds(column: pd.Series, forms: Sequence[str], first_year: int, last_year: int) -> pd.Series:
    """Whether each value is a date of one of the forms, from ``first_year`` to ``last_year``.

    >>> holds(pd.Series(["20240229", "20230229", "2024-02-29"]), ["YYYYMMDD"], 1900, 2100).tolist()
    [True, False, False]
    """
    values = column.astype(str)
    right = pd.Series(data=False, index=column.index)
    for form in (FORMS[name] for name in forms):
        shaped = values[values.str.contains(form.pattern)]
        dates = pd.to_datetime(shaped.str[: form.width] if form.width else shaped, format=form.strptime, errors="coerce")
        right.loc[shaped.index] |= dates.dt.year.between(first_year, last_year)
    return right


def sql(column: str, forms: Sequence[str], first_year: int, last_year: int) -> str:
    """The same as an SQL condition on a column expression."""
    span = f"BETWEEN TIMESTAMP '{first_year}-01-01' AND TIMESTAMP '{last_year}-12-31 23:59:59'"
    tests = []
    for form in (FORMS[name] for name in forms):
        text = f"substr({column}, 1, {form.width})" if form.width else column
        pattern = form.pattern.replace(r"\Z", r"\z")
        tests.append(f"(regexp_matches({column}, '{pattern}') AND coalesce(try_strptime({text}, '{form.strptime}') {span}, false))")
    return f"({column} IS NULL OR " + " OR ".join(tests) + ")"
