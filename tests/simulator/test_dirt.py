"""Every kind of dirt of the contract occurs, looks as named, and is rare."""

import re
from collections import Counter

import pandas as pd
import pytest

from tests.simulator.reader import OWN_NUMBERS, Folder

KINDS = [
    "digits15",
    "wrong_digit",
    "swapped_digits",
    "chars17",
    "x_lower",
    "x_fullwidth",
    "x_cyrillic",
    "apostrophe",
    "scientific",
    "tail000",
    "placeholder_zeros",
    "placeholder_nines",
    "placeholder_text",
    "missing_number",
    "permit",
    "foreign_resident",
    "spaces",
    "fullwidth_latin",
    "traditional",
    "glyph_variant",
    "second_round",
    "middle_dot",
    "rare_question",
    "rare_box",
    "rare_star",
    "rare_mou",
    "rare_pinyin",
    "rare_halves",
    "private_use",
    "homophone",
    "shape_alike",
    "former_name",
    "newborn_temporary",
    "uyghur_cut",
    "no_surname",
    "form_slash",
    "form_dot",
    "excel_serial",
    "chinese_numerals",
    "date_zeros",
    "date_nines",
    "date_1900",
    "day_month_swap",
    "lunar",
    "january_first",
    "birth_typo",
    "birth_other",
    "sex_wrong",
    "old_place_name",
    "old_place_code",
    "missing_province",
    "chinese_room",
]


@pytest.fixture(scope="module")
def kinds(records: pd.DataFrame) -> Counter[str]:
    return Counter(kind for cell in records["dirt"] if cell for kind in cell.split(";"))


def test_all_kinds_and_no_other(kinds: Counter[str]) -> None:
    assert set(kinds) == set(KINDS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("foreign_resident", "day_month_swap")])
def test_each_a_few_times(kinds: Counter[str], kind: str) -> None:
    assert kinds[kind] >= 3


def test_most_records_are_clean(records: pd.DataFrame) -> None:
    harmless = {"", "no_surname"}
    assert records["dirt"].isin(harmless).mean() > 0.85


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("digits15", r"\d{15}"),
        ("chars17", r"[\dX]{17}"),
        ("x_lower", r"\d{17}x"),
        ("x_fullwidth", r"\d{17}Ｘ"),
        ("x_cyrillic", r"\d{17}Х"),
        ("apostrophe", r"'\d{17}[\dX]"),
        ("scientific", r"8\.\d{5}E\+17"),
        ("tail000", r"\d{15}000"),
        ("placeholder_zeros", "0{18}"),
        ("placeholder_nines", "9{18}"),
        ("placeholder_text", "无|不详"),
    ],
)
def test_numbers_look_as_named(inbox: dict[str, list[Folder]], records: pd.DataFrame, kind: str, shape: str) -> None:
    texts = {row[column] for source, columns in OWN_NUMBERS.items() for folder in inbox[source] for row in folder.rows for column in columns}
    assert any(re.fullmatch(shape, text) for text in texts)
    assert records["dirt"].str.contains(kind, regex=False).any()


@pytest.mark.parametrize(
    "shape",
    [
        r"\d{4}/\d{1,2}/\d{1,2}",
        r"\d{4}\.\d{2}",
        r"[1-5]\d{4}",
        "[〇一二三四五六七八九]{4}年.*日",
        "0{8}",
        "19000101|1900-01-01",
        "99991231|9999-12-31",
    ],
)
def test_dates_in_every_form(inbox: dict[str, list[Folder]], shape: str) -> None:
    texts = {row["出生日期"] for source in ("school", "pension", "death") for folder in inbox[source] for row in folder.rows}
    assert any(re.fullmatch(shape, text) for text in texts)
