"""Dates read as a matrix of digits say what reading them one at a time says."""

from datetime import date

import pandas as pd
import pytest

from pipelines.locales.distinct import objects
from pipelines.locales.zh_CN.date_shapes import read_shapes
from pipelines.locales.zh_CN.date_text import FORMS, USUAL, read
from pipelines.locales.zh_CN.dates import ChineseDates

DAYS = [(y, m, d) for y in (1849, 1850, 1900, 1999, 2000, 2098, 2099, 9999) for m in (0, 1, 2, 9, 12, 13) for d in (0, 1, 28, 29, 30, 31, 32)]
WRITTEN = (
    "{:04}{:02}{:02}",
    "{:04}-{:02}-{:02}",
    "{:04}/{:02}/{:02}",
    "{:04}.{:02}.{:02}",
    "{:04}-{:02}",
    "{:04}{:02}",
    "{:04}{:02}{:02}235959",
    "{:04}-{:02}-{:02} 23:59",
    "{:04}-{:02}-{:02} 23:59:59",
    "{:04}-{:02}-{:02}T23:59:59",
    "{:04}年{:02}月{:02}日",
    "{:04}{:02}{:02} ",
)
ODD = ["", "88888888", "00000000", "11111111", "２０２４0131", "2024-01-0²", "2024-O1-31", "二〇二四年一月", "20240131.0", "240131", "45321"]
TEXTS = [form.format(*day) for form in WRITTEN for day in DAYS] + ODD


@pytest.mark.parametrize("forms", [USUAL, FORMS, ("YYYYMMDD",), ("YYYY-MM-DD",), ("YYMMDD", "YYYYMM"), ("YYYYMM", "YYYYMMDDHHMMSS")])
def test_both_ways_say_the_same(forms: tuple[str, ...]) -> None:
    parsed = ChineseDates().parse(pd.Series(TEXTS, dtype=object), forms)
    days = [None if pd.isna(day) else day.date() for day in parsed["date"]]
    one_by_one = [read(text, forms) for text in TEXTS]
    assert list(zip(days, parsed["precision"], parsed["kind"], strict=True)) == [(r.date, r.precision, r.kind) for r in one_by_one]


def test_what_machines_write_is_read_at_once() -> None:
    found = read_shapes(objects(["20240229", "2024-02-29", "2024-02-30", "19000101", "2024年2月29日"]), USUAL)
    assert found.read.tolist() == [True, True, False, False, False]
    assert set(found.dates[found.read].tolist()) == {date(2024, 2, 29)}
