"""Masked values whose differences stay visible."""

import pytest

from pipelines.publish.masking import compare, month

# full values (| between records), masked values, marked text of each record
CASES = [
    ("all agree", "张晓明|张晓明", "张*明|张*明", "张*明|张*明"),
    ("one character differs under the mask", "张晓明|张小明|张晓明", "张*明|张*明|张*明", "张*明|张‹*›明|张*明"),
    (
        "one digit differs under the mask",
        "880105196203171234|880105196208171234",
        "*" * 14 + "1234|" + "*" * 14 + "1234",
        "*" * 14 + "1234|" + "*" * 11 + "‹*›**1234",
    ),
    ("another value altogether", "王丽|赵国强", "王*|赵*强", "王*|‹赵*强›"),
    ("a character is missing", "买买提·吐尔逊|买买提吐尔逊", "买*****逊|买****逊", "买*****逊|买**‹∅›**逊"),
    ("a record that says nothing", "王丽|", "王*|", "王*|"),
    ("the majority is the norm", "1950-01-01|1950-01-02|1950-01-02", "1950-01-**|1950-01-**|1950-01-**", "1950-01-*‹*›|1950-01-**|1950-01-**"),
]


@pytest.mark.parametrize(("what", "full", "shown", "expected"), CASES, ids=[case[0] for case in CASES])
def test_differences_are_marked_on_masked_values(what: str, full: str, shown: str, expected: str) -> None:
    values = [text or None for text in full.split("|")]
    masked = [text or None for text in shown.split("|")]
    assert "|".join(value.marked_text for value in compare(values, masked, values)) == expected


def test_two_spellings_that_mean_the_same_are_not_marked() -> None:
    values = compare(["萧红", "肖红"], ["萧*", "肖*"], ["肖红", "肖红"])
    assert not any(value.differs for value in values)


def test_a_place_differs_as_a_whole() -> None:
    values = compare(["880105", "880202"], ["云中市中城区", "南屏市湖滨区"], ["880105", "880202"], by_character=False)
    assert values[1].marked_text == "‹南屏市湖滨区›"


@pytest.mark.parametrize(("iso", "shown"), [("1956-03-17", "1956-03-**"), ("1956-03", "1956-03"), (None, None)])
def test_birth_dates_lose_the_day(iso: str | None, shown: str | None) -> None:
    assert month(iso) == shown
