"""No number that a real person could hold, and every clean one right."""

import re
from collections import Counter

import pandas as pd
import pytest

from tests.simulator.reader import OWN_NUMBERS, Folder, right_check

DIVISIONS = {880101, 880102, 880103, 880105, 880111, 880112, 880122, 880124, 880202, 880221, 880222, 880281, 882301, 882322}


def cells(inbox: dict[str, list[Folder]]) -> Counter[str]:
    return Counter(row[column] for source, columns in OWN_NUMBERS.items() for folder in inbox[source] for row in folder.rows for column in columns)


def test_right_numbers_are_of_the_made_up_province(inbox: dict[str, list[Folder]]) -> None:
    right = [text for text in cells(inbox) if right_check(text)]
    assert len(right) > 1500
    for text in right:
        assert text.startswith("88") or (text[:2] in ("81", "82", "83") and text[14:17] == "000") or (text[0] == "9" and text[14:17] == "000")
    assert {int(text[:6]) for text in right if text.startswith("88")} <= DIVISIONS


def test_most_numbers_are_right(inbox: dict[str, list[Folder]]) -> None:
    counted = cells(inbox)
    filled = sum(count for text, count in counted.items() if text)
    right = sum(count for text, count in counted.items() if right_check(text))
    assert 0.97 < right / filled < 1.0


def test_nothing_that_looks_like_a_number_of_a_real_province(inbox: dict[str, list[Folder]]) -> None:
    for folders in inbox.values():
        for folder in folders:
            for row in folder.rows:
                for value in row.values():
                    if re.fullmatch(r"[1-7]\d{16}[\dX]", value):
                        pytest.fail(f"a number of a real province in {folder.path.name}")


def test_a_number_holds_birth_date_sex_and_the_division_in_force(persons: pd.DataFrame) -> None:
    numbered = persons[persons["id_number"].notna() & persons["registered"].notna()]
    number = numbered["id_number"]
    birth = pd.to_datetime(numbered["birth"]).dt.strftime("%Y%m%d")
    odd = number.str[16].astype(int) % 2 == 1
    assert (odd == (numbered["sex"] == "M")).all()
    assert (number.str[6:14] == birth).mean() > 0.995
    registered = pd.to_datetime(numbered["registered"])
    old = number.str[:6].isin(["880102", "880103", "880122", "880222"])
    assert (registered[old] < pd.Timestamp("2019-01-01")).all()
    assert (registered[number.str[:6] == "880281"] >= pd.Timestamp("2019-01-01")).all()
    assert old.sum() > 300


def test_numbers_are_unique_but_for_the_planted_ones(persons: pd.DataFrame) -> None:
    assert persons["id_number"].dropna().duplicated().sum() <= 3
