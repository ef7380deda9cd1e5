"""The generic pack: a country by options alone."""

import pandas as pd
import pytest

from pipelines.errors import ConfigError
from pipelines.locales import load_pack
from tests.locales.tables import raw, table

PACK = load_pack(
    "generic",
    {
        "numbers": {"pattern": r"(?P<birth>\d{6})\d{2}(?P<sex>\d)\d", "checksum": "luhn", "birth_form": "YYMMDD"},
        "dates": {"forms": ["MM/DD/YYYY", "YYYYMMDD", "YYYY-MM-DD", "D MON YYYY", "EXCEL1900"]},
        "places": {
            "divisions": [
                {"code": "N0", "name": "Old Shire", "parent": "N", "valid_to": "2001-01-01", "successor": ["N1"]},
                {"code": "N1", "name": "North Shire", "parent": "N", "valid_from": "2001-01-02"},
                {"code": "N2", "name": "South Shire", "parent": "N"},
                {"code": "X9", "name": "Far Isle"},
            ]
        },
    },
)

EXAMPLES = table("locales.md", "left", "right", "level", under="### Levels of the generic pack")
LEVELS = list(zip(raw(EXAMPLES["left"]), EXAMPLES["right"], EXAMPLES["level"], strict=True))


@pytest.mark.parametrize(("left", "right", "level"), LEVELS)
def test_name_levels(left: str | None, right: str, level: str) -> None:
    assert PACK.names.compare(pd.Series([left]), pd.Series([right])).tolist() == [level]
    assert PACK.names.compare(pd.Series([right]), pd.Series([left])).tolist() == [level]


def test_every_level_has_an_example() -> None:
    assert {level for _, _, level in LEVELS} == set(PACK.names.levels)


def test_swapped_names_share_a_key() -> None:
    found = PACK.names.standardise(pd.Series(["John Smith", "Smith John", "Jon Smyth", "Baby boy Smith", "Acme Ltd", "Unknown", "Cher"]))
    assert found["name_sound"][:3].nunique() == 1
    assert found["name_kind"].tolist() == ["full", "full", "full", "newborn", "company", "unknown", "partial"]
    assert PACK.names.newborn_parent(pd.Series(["Baby boy Smith", "John"])).tolist() == ["Smith", None]


def test_numbers_by_pattern_and_luhn() -> None:
    found = PACK.numbers.parse(pd.Series(["510305-1214", "5103051215", "5113051212", "12345", "1.2E+9", "unknown", "0000000000", None]))
    assert found["valid"].tolist() == [True] + [False] * 7
    assert found["kind"].tolist() == ["resident", "resident", "resident", "unknown", "damaged", "placeholder", "placeholder", "blank"]
    assert found["reasons"][:2].tolist() == [None, "checksum"]
    assert "birth_impossible" in found["reasons"][2]
    assert found["birth_date"][0] == pd.Timestamp("1951-03-05")
    assert found["sex"][0] == "M"


CHECKSUMS = [
    ("mod11", {}, "9434765919", "9434765918"),  # the NHS number of its own data dictionary
    ("mod11", {"weights": [7, 9, 10, 5, 8, 4, 2]}, "12345671", "12345674"),
    ("mod97", {}, "00012511119", "00012511118"),  # a Belgian form: 97 less the rest
    ("mod97_10", {}, "AB12345653", "AB12345654"),
    ("luhn", {}, "79927398713", "79927398714"),
    ("none", {}, "ANY1", None),
]


@pytest.mark.parametrize(("checksum", "more", "right", "wrong"), CHECKSUMS, ids=[c[0] + str(len(c[1])) for c in CHECKSUMS])
def test_checksums(checksum: str, more: dict[str, list[int]], right: str, wrong: str | None) -> None:
    pack = load_pack("generic", {"numbers": {"pattern": "[0-9A-Z]+", "checksum": checksum, **more}})
    cells = pd.Series([right] if wrong is None else [right, wrong])
    assert pack.numbers.parse(cells)["valid"].tolist() == [True, False][: len(cells)]


def test_repair_needs_a_birth_date_in_the_number() -> None:
    rows = pd.DataFrame({"number": ["5103151214"], "birth_date": pd.to_datetime(["1951-03-05"]), "sex": ["M"]})
    assert "5103051214" in PACK.numbers.repair(rows)["candidate"].tolist()
    plain = load_pack("generic", {"numbers": {"pattern": r"\d{10}", "checksum": "luhn"}})
    assert plain.numbers.repair(rows).empty


def test_dates_by_declared_forms() -> None:
    cells = pd.Series(
        ["03/05/2010", "20100305", "2010-03-05", "5 March 2010", "5 mar 2010", "40242", "13/13/2010", "1900-01-01", "00/00/0000", "n/k", None]
    )
    found = PACK.dates.parse(cells)
    assert (found["date"][:6] == pd.Timestamp("2010-03-05")).all()
    assert found["kind"].tolist() == ["ok"] * 5 + ["serial", "unparsed", "placeholder", "placeholder", "placeholder", "blank"]
    european = PACK.dates.parse(pd.Series(["03/05/2010"]), ("DD/MM/YYYY",))
    assert european["date"][0] == pd.Timestamp("2010-05-03")


def test_places_and_addresses() -> None:
    found = PACK.places.parse(pd.Series(["12 High St., Apt 3, North Shire 12345", "12 high street, apartment 3, 12345", "4 Main Rd, Old Shire"]))
    assert found["division"].tolist() == ["N1", None, "N0"]
    assert found["address_key"][0] == found["address_key"][1] == "12 high street apartment 3"
    levels = PACK.places.compare(pd.Series(["N1", "N0", "N1", "N1", None]), pd.Series(["N1", "N1", "N2", "X9", "N1"]))
    assert levels.tolist() == ["same", "successor", "same_province", "different", "missing"]
    assert set(levels) == set(PACK.places.levels)
    codes = PACK.places.division(pd.Series(["N1", "north shire", "Nowhere"]))
    assert codes.tolist() == ["N1", "N1", None]


WRONG = [
    ({"numbers": {"pattern": "("}}, "numbers.pattern"),
    ({"numbers": {"checksum": "luna"}}, "numbers.checksum"),
    ({"dates": {"forms": ["DD/QQ/YYYY"]}}, "dates.forms"),
    ({"name": {}}, "name"),
    ({"places": {"divisions": [{"code": "A"}]}}, "places.divisions.0.name"),
]


@pytest.mark.parametrize(("options", "key"), WRONG, ids=[key for _, key in WRONG])
def test_a_wrong_option_is_named(options: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError, match=r"RC-L02") as caught:
        load_pack("generic", options)
    assert key in str(caught.value)


def test_unknown_packs_options_and_forms_are_refused() -> None:
    with pytest.raises(ConfigError, match="RC-L01"):
        load_pack("xx_XX")
    with pytest.raises(ConfigError, match="RC-L02"):
        load_pack("zh_CN", {"home": "88"})
    with pytest.raises(ConfigError, match="RC-L03"):
        load_pack("zh_CN").dates.parse(pd.Series(["20100101"]), ("YYYYDDMM",))
    with pytest.raises(ConfigError, match="RC-L03"):
        PACK.dates.parse(pd.Series(["20100101"]), ("QQ",))
