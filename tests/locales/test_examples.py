"""Every example of docs/locales.md."""

from datetime import date

import pandas as pd
import pytest

from pipelines.locales import load_pack
from pipelines.locales.base import DATE_KINDS, DATE_LEVELS, NAME_KINDS, NAME_LEVELS, NUMBER_KINDS, PLACE_LEVELS
from pipelines.locales.zh_CN.number_check import REASONS, WARNINGS
from tests.locales.tables import raw, table

PACK = load_pack("zh_CN")
PAGE = "locales.md"


def shown(column: pd.Series) -> list[object]:
    return [None if pd.isna(value) else str(value)[:10] if isinstance(value, pd.Timestamp) else value for value in column]


def test_numbers() -> None:
    examples = table(PAGE, "cell", "number")
    found = PACK.numbers.parse(raw(examples["cell"]))
    got = pd.DataFrame(
        {
            "number": shown(found["number"]),
            "kind": found["kind"],
            "valid": found["valid"].map({True: "yes", False: "no"}),
            "reasons": found["reasons"].map(lambda r: r and r.replace("|", ", ")),
            "born": shown(found["birth_date"]),
            "sex": found["sex"],
            "division": found["division"],
        }
    )
    want = examples.drop(columns="cell")
    for column in want:
        assert got[column].tolist() == want[column].tolist(), column
    assert set(got["kind"]) == set(NUMBER_KINDS)


def test_every_reason_is_on_the_page() -> None:
    listed = table(PAGE, "reason", "says")
    faults = {reason for cell in listed.loc[listed["makes it invalid"] == "yes", "reason"] for reason in cell.split(", ")}
    warnings = {reason for cell in listed.loc[listed["makes it invalid"] == "no", "reason"] for reason in cell.split(", ")}
    assert faults | warnings == set(REASONS)
    assert warnings == set(WARNINGS)


def test_names() -> None:
    examples = table(PAGE, "cell", "name")
    found = PACK.names.standardise(examples["cell"])
    for column, key in zip(("name", "name_fold", "name_sound", "name_kind"), ("name", "name_fold", "name_sound", "kind"), strict=True):
        assert found[column].tolist() == examples[key].tolist(), column
    assert set(found["name_kind"]) == set(NAME_KINDS)


@pytest.mark.parametrize("turned", [False, True], ids=["left to right", "right to left"])
def test_name_levels(turned: bool) -> None:
    examples = table(PAGE, "left", "right", "level", under="### Levels of `names.compare`")
    sides = [raw(examples[side]) for side in ("left", "right")]
    found = PACK.names.compare(*(reversed(sides) if turned else sides))
    wrong = examples.assign(found=found)[found != examples["level"]]
    assert wrong.empty, wrong.to_string()
    assert set(examples["level"]) == set(NAME_LEVELS)


def test_dates() -> None:
    examples = table(PAGE, "cell", "forms")
    for forms, rows in examples.groupby(examples["forms"].fillna("")):
        found = PACK.dates.parse(raw(rows["cell"]), (str(forms),) if forms else None)
        assert shown(found["date"]) == rows["date"].tolist()
        assert found["precision"].tolist() == rows["precision"].tolist()
        assert found["kind"].tolist() == rows["kind"].tolist()
    assert set(examples["kind"]) == set(DATE_KINDS)


@pytest.mark.parametrize("turned", [False, True], ids=["left to right", "right to left"])
def test_date_levels(turned: bool) -> None:
    examples = table(PAGE, "left", "right", "level", under="### Levels of `dates.compare`")
    sides = [pd.to_datetime(raw(examples[side])) for side in ("left", "right")]
    found = PACK.dates.compare(*(reversed(sides) if turned else sides))
    assert found.tolist() == examples["level"].tolist()
    assert set(examples["level"]) == set(DATE_LEVELS)


def test_addresses() -> None:
    examples = table(PAGE, "address", "division")
    found = PACK.places.parse(examples["address"])
    assert found["division"].tolist() == examples["division"].tolist()
    assert found["address_key"].tolist() == examples["address_key"].tolist()


@pytest.mark.parametrize("turned", [False, True], ids=["left to right", "right to left"])
def test_place_levels(turned: bool) -> None:
    examples = table(PAGE, "left", "right", "level", under="`江北区` alone")
    sides = [raw(examples[side]) for side in ("left", "right")]
    found = PACK.places.compare(*(reversed(sides) if turned else sides))
    assert found.tolist() == examples["level"].tolist()
    assert PACK.places.same(*sides).tolist() == [level in ("same", "successor") for level in examples["level"]]
    assert set(examples["level"]) == set(PLACE_LEVELS)


def test_current_divisions() -> None:
    codes = pd.Series(["880122", "880102", "880111", None, "123456"])
    assert PACK.places.current(codes, date(2010, 1, 1)).tolist() == ["880122", "880102", "880111", None, None]
    assert PACK.places.current(codes, date(2020, 1, 1)).tolist() == ["880112", "880105", "880111", None, None]


def test_divisions_in_english() -> None:
    examples = table(PAGE, "division", "english")
    assert PACK.places.english(examples["division"]).tolist() == examples["english"].tolist()
    assert PACK.places.english(pd.Series([None], dtype=object)).tolist() == [None]


def test_home_province_settles_what_a_name_leaves_open() -> None:
    home = load_pack("zh_CN", {"home_province": "88"})
    assert home.places.parse(pd.Series(["江北区幸福路1号"]))["division"].tolist() == ["880111"]


def test_newborns_and_masks() -> None:
    names = PACK.names
    cells = pd.Series(["王芳之子", "张之女", "王芳之次女", "李女婴", "王小明", None])
    assert names.newborn_parent(cells).tolist() == ["王芳", "张", "王芳", "李", None, None]
    shown_names = names.mask(pd.Series(["张小三", "张三", "欧阳娜娜", "买买提·艾山", "John Smith", "不详", None]))
    assert shown_names.tolist() == ["张*三", "张*", "欧阳*娜", "买***", "J***", None, None]
    assert PACK.numbers.mask(pd.Series(["880102198001010015", "123", None])).tolist() == ["**************0015", "****", None]


def test_surname_candidates() -> None:
    keys = PACK.names.keys(pd.Series(["欧阳娜娜", "欧阳", "王小明", "单雄信", "云中市供电公司", None]))
    assert keys["surname"].tolist() == ["欧阳|欧", "欧|欧阳", "王", "单", None, None]
    assert keys["given"].tolist() == ["娜娜|阳娜娜", "阳|", "小明", "雄信", None, None]
    assert "dan xiong xin" not in keys["sounds"][3]
    assert keys["sound_loose"][2] == "wan xiao min"


def test_sex() -> None:
    cells = pd.Series(["男", "女", "1", "２", "男 ", "M", "0", "9", "不详", None])
    assert PACK.sex.parse(cells).tolist() == ["M", "F", "M", "F", "M", "M", None, None, None, None]
