"""What must hold for any text at all: no crash, idempotence, symmetry, round trips, alignment, order-freedom."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.locales import load_pack
from pipelines.locales.base import CountryPack
from pipelines.locales.zh_CN.name_text import read

PACKS = {code: load_pack(code) for code in ("zh_CN", "generic")}
ANYTHING = st.text(st.characters(codec=None, exclude_categories=()), max_size=24) | st.none()
HAN = st.text("王李张欧阳单解萧肖小明喆䶮伟玮娜芳之子某氏·•.?□* 　zheWANGＷ1一", max_size=8)
CELLS = st.lists(ANYTHING | HAN, max_size=12)
EXAMPLES = settings(max_examples=100, deadline=None)
DAYS = st.dates(date(1900, 2, 1), date(2035, 12, 31))
packs = pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS.keys())


def series(cells: list[str | None]) -> pd.Series:
    return pd.Series(cells, dtype=object, index=[f"row {i}" for i in range(len(cells))])


def number_of(division: int, born: date, sequence: int) -> str:
    body = f"{division:06d}{born:%Y%m%d}{sequence:03d}"
    return body + "10X98765432"[sum(int(c) * 2 ** (17 - i) for i, c in enumerate(body)) % 11]


@packs
@EXAMPLES
@given(CELLS)
def test_nothing_crashes_and_answers_are_aligned(pack: CountryPack, cells: list[str | None]) -> None:
    raw = series(cells)
    answers = [
        pack.names.standardise(raw), pack.names.keys(raw), pack.names.newborn_parent(raw), pack.names.mask(raw),
        pack.numbers.parse(raw), pack.numbers.mask(raw), pack.dates.parse(raw), pack.places.parse(raw), pack.places.division(raw),
        pack.places.current(raw, date(2026, 1, 31)), pack.places.compare(raw, raw[::-1]), pack.sex.parse(raw),
    ]  # fmt: skip
    assert all(answer.index.equals(raw.index) for answer in answers)


@packs
@EXAMPLES
@given(CELLS)
def test_rows_do_not_depend_on_their_neighbours(pack: CountryPack, cells: list[str | None]) -> None:
    raw = series(cells)
    turned = raw[::-1]
    pd.testing.assert_frame_equal(pack.names.standardise(raw), pack.names.standardise(turned)[::-1])
    pd.testing.assert_frame_equal(pack.numbers.parse(raw), pack.numbers.parse(turned)[::-1])


@packs
@EXAMPLES
@given(CELLS)
def test_cleaning_twice_changes_nothing(pack: CountryPack, cells: list[str | None]) -> None:
    once = pack.names.standardise(series(cells))
    pd.testing.assert_frame_equal(pack.names.standardise(once["name"]), once)
    numbers = pack.numbers.parse(series(cells))["number"]
    assert pack.numbers.parse(numbers)["number"].equals(numbers)
    addresses = pack.places.parse(series(cells))
    pd.testing.assert_frame_equal(pack.places.parse(addresses["address"]), addresses)


@packs
@EXAMPLES
@given(st.lists(st.tuples(ANYTHING | HAN, ANYTHING | HAN), max_size=12))
def test_name_levels_are_symmetric_and_known(pack: CountryPack, pairs: list[tuple[str | None, str | None]]) -> None:
    left, right = (series([pair[side] for pair in pairs]) for side in (0, 1))
    levels = pack.names.compare(left, right)
    assert levels.tolist() == pack.names.compare(right, left).tolist()
    assert set(levels) <= set(pack.names.levels)


@packs
@EXAMPLES
@given(CELLS)
def test_a_name_is_the_same_as_itself_unless_it_says_nothing(pack: CountryPack, cells: list[str | None]) -> None:
    raw = series(cells)
    silent = pack.names.standardise(raw)["name"].isna()
    assert pack.names.compare(raw, raw).tolist() == ["missing" if nothing else "same" for nothing in silent]


@packs
@EXAMPLES
@given(st.lists(st.tuples(DAYS | st.none(), DAYS | st.none()), max_size=12))
def test_date_levels_are_symmetric(pack: CountryPack, pairs: list[tuple[date | None, date | None]]) -> None:
    left, right = (pd.Series([pair[side] for pair in pairs], dtype="datetime64[s]") for side in (0, 1))
    levels = pack.dates.compare(left, right)
    assert levels.tolist() == pack.dates.compare(right, left).tolist()
    assert pack.dates.compare(left, left).tolist() == ["missing" if pd.isna(day) else "same" for day in left]


@EXAMPLES
@given(DAYS)
def test_every_form_of_a_date_reads_back(day: date) -> None:
    numerals = str.maketrans("0123456789", "〇一二三四五六七八九")
    forms = [
        f"{day:%Y%m%d}", f"{day:%Y-%m-%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}093000", f"{day:%Y-%m-%d} 09:30", str(day.year).translate(numerals) + f"年{day.month}月{day.day}日",
    ]  # fmt: skip
    found = PACKS["zh_CN"].dates.parse(pd.Series(forms))
    placeholder = day == date(1900, 1, 1)
    assert (found["date"] == pd.Timestamp(day)).all() or placeholder


@EXAMPLES
@given(st.dates(date(1954, 10, 4), date(2099, 12, 31)))
def test_a_serial_reads_back(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    found = PACKS["zh_CN"].dates.parse(pd.Series([serial]), ("EXCEL1900",))
    assert found["date"][0] == pd.Timestamp(day) or day.year > 2098


@EXAMPLES
@given(st.sampled_from([880102, 880111, 880122, 882322]), st.dates(date(1900, 1, 1), date(2015, 5, 31)), st.integers(1, 999))
def test_a_number_reads_back(division: int, born: date, sequence: int) -> None:
    number = number_of(division, born, sequence)
    read = PACKS["zh_CN"].numbers.parse(pd.Series([number, number.lower(), f" {number} "])).iloc
    for row in (read[0], read[1], read[2]):
        assert row["number"] == number
        assert row["birth_date"] == pd.Timestamp(born)
        assert row["sex"] == ("M" if sequence % 2 else "F")
        assert row["valid"] == (division != 880102 or born <= date(2012, 10, 31))


@EXAMPLES
@given(st.dates(date(1900, 1, 1), date(1999, 9, 30)), st.integers(1, 995))
def test_fifteen_digits_are_the_eighteen(born: date, sequence: int) -> None:
    number = number_of(880111, born, sequence)
    read = PACKS["zh_CN"].numbers.parse(pd.Series([number, number[:6] + number[8:17]]))
    assert read["number"].tolist() == [number, number]
    assert read["kind"].tolist() == ["resident", "resident15"]


DAMAGES = st.sampled_from(["substitute", "swap", "drop", "double", "zeroed"])


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(DAYS, st.integers(1, 999), st.integers(0, 17), st.integers(0, 9), DAMAGES), min_size=1, max_size=20))
def test_one_edit_is_undone(cases: list[tuple[date, int, int, int, str]]) -> None:
    numbers = [number_of(880111, born, sequence) for born, sequence, *_ in cases]
    damaged = pd.Series([damage(number, place, digit, kind) for number, (_, _, place, digit, kind) in zip(numbers, cases, strict=True)])
    read = PACKS["zh_CN"].numbers.parse(damaged)
    rows = pd.DataFrame(
        {
            "number": read["number"],
            "birth_date": pd.Series([case[0] for case in cases], dtype="datetime64[s]"),
            "sex": ["M" if case[1] % 2 else "F" for case in cases],
        }
    )
    found = PACKS["zh_CN"].numbers.repair(rows)
    repairable = ~read["valid"] & damaged.str.fullmatch(r"\d{16,18}[\dX]")
    repaired = [number in set(found.loc[found["index"] == i, "candidate"]) for i, number in enumerate(numbers)]
    assert repairable.tolist() == [can and did for can, did in zip(repairable, repaired, strict=True)]
    again = PACKS["zh_CN"].numbers.parse(found["candidate"])
    assert again["valid"].all()
    assert (again["birth_date"].to_numpy() == rows["birth_date"].loc[found["index"]].to_numpy()).all()


def damage(number: str, place: int, digit: int, kind: str) -> str:
    return {
        "substitute": number[:place] + str(digit) + number[place + 1 :],
        "swap": number[:place] + number[place + 1 : place + 2] + number[place] + number[place + 2 :],
        "drop": number[:place] + number[place + 1 :],
        "double": number[:place] + number[place] + number[place:],
        "zeroed": number[:15] + "000",
    }[kind]


@EXAMPLES
@given(st.text(st.characters(codec="gb18030"), max_size=40))
def test_text_of_a_gb_file_reads_back(text: str) -> None:
    settled = PACKS["zh_CN"].text
    plain = "姓名性别出生日期" * 5 + "".join(c for c in text if not 0xE000 <= ord(c) < 0xF900 and c != "\ufeff")
    assert settled.decode(plain.encode("gb18030"), "GBK") == plain


@packs
@EXAMPLES
@given(st.binary(max_size=60))
def test_any_bytes_get_a_guess(pack: CountryPack, data: bytes) -> None:
    assert pack.text.detect(data).why


def test_distinct_values_and_index_of_a_large_column() -> None:
    names = pd.Series(np.random.default_rng(7).choice(np.array(["张三", "李四", None, "王?"], dtype=object), 300_000))
    found = PACKS["zh_CN"].names.standardise(names)
    assert found["name"].equals(names.where(names.notna(), None))


def test_texts_that_differ_after_a_nul_are_two_texts() -> None:
    found = PACKS["zh_CN"].names.standardise(pd.Series(["王\0", "王\0明", None, 5, "王"]))
    assert found["name"].tolist() == ["王", "王明", None, "5", "王"]


def test_a_month_of_birth_is_evidence_enough_to_repair() -> None:
    rows = pd.DataFrame({"number": ["880124158008049164"], "birth_date": pd.to_datetime(["1980-08-01"]), "birth_precision": ["month"], "sex": ["F"]})
    assert PACKS["zh_CN"].numbers.repair(rows)["candidate"].tolist() == ["880124198008049164"]
    assert PACKS["zh_CN"].numbers.repair(rows.assign(birth_precision="day")).empty


@EXAMPLES
@given(st.lists(st.text(st.sampled_from("王李欧阳单于万俟解萧肖髙張玥䶮公司先生寺氏之子未某婴厂长"), min_size=1, max_size=5), max_size=20))
def test_the_table_path_says_what_the_text_path_says(cells: list[str]) -> None:
    frame = PACKS["zh_CN"].names.standardise(pd.Series(cells, dtype=object))
    for row, read_one in zip(frame.itertuples(index=False), map(read, cells), strict=True):
        assert tuple(row) == (read_one.name, read_one.fold, read_one.sound, read_one.kind)
