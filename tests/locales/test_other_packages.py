"""Numbers as python-stdnum and id-validator judge them, beside ours: every kind of disagreement is listed with its reason.

Legal cases: every county code that any of the three knows, for a birth before the county, in its time, and after it. All carry the sequence
000, which is never issued, so that none can be a person's.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import product

import pandas as pd
import pytest
from id_validator import data, validator
from stdnum.cn import ric

from pipelines.locales import load_pack

PACK = load_pack("zh_CN")
AS_OF = date(2026, 9, 30)
BIRTHS = (date(1930, 5, 17), date(1958, 2, 28), date(1984, 2, 29), date(1996, 12, 31), date(2005, 1, 1), date(2015, 7, 1), date(2024, 10, 8))


def number_of(division: str, born: date) -> str:
    body = f"{division}{born:%Y%m%d}000"
    return body + "10X98765432"[sum(int(c) * 2 ** (17 - i) for i, c in enumerate(body)) % 11]


def stdnum_says(number: str) -> bool:
    try:
        return bool(ric.is_valid(number))
    except KeyError:
        return False


@pytest.fixture(scope="module", autouse=True)
def tables_kept() -> Iterator[None]:
    """id-validator builds its tables anew for each number: keep them."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("get_address_code", "get_address_code_timeline"):
            if hasattr(data, name):
                patch.setattr(data, name, cache(getattr(data, name)))
        yield


@pytest.fixture(scope="module")
def cases() -> pd.DataFrame:
    """One row per county and birth with the three verdicts and the county's own dates."""
    table = PACK.places.divisions()
    counties = table[(table["source"] != "SYNTHETIC") & ~table["code"].str.endswith("00")]
    spans = counties.groupby("code").agg(
        first=("valid_from", "min"), ended=("valid_to", lambda ends: ends.isna().sum() == 0), last=("valid_to", "max")
    )
    sample = spans.iloc[::23]
    rows = [(code, born, number_of(code, born)) for code, born in product(sample.index, BIRTHS)]
    frame = pd.DataFrame(rows, columns=["code", "born", "number"]).join(sample, on="code")
    ours = PACK.numbers.parse(frame["number"], as_of=AS_OF)
    return frame.assign(
        ours=ours["valid"], reasons=ours["reasons"],
        stdnum=[stdnum_says(number) for number in frame["number"]],
        id_validator=[validator.is_valid(number) for number in frame["number"]],
    )  # fmt: skip


def explained(row: pd.Series, theirs: str) -> str:
    """Why we and the other differ; empty when nothing explains it."""
    born, year = pd.Timestamp(row["born"]), row["born"].year
    ended_after_birth = not row["ended"] or row["last"] >= max(born, pd.Timestamp("1984-01-01"))
    if row["ours"] and year <= row["first"].year:
        return "the county is younger than the person: numbering began in 1984, late registrants have the county of the day"
    if row["ours"] and ended_after_birth:
        return "the county was in force when the person could be numbered: its dates are missing or shorter there"
    if not row["ours"] and not ended_after_birth and theirs == "id_validator":
        return "the county had ended before the birth: not tested there"
    if not row["ours"] and not ended_after_birth:
        return "the county had ended before the birth or before numbering began: its dates are longer there"
    return ""


@pytest.mark.parametrize("theirs", ["stdnum", "id_validator"])
def test_every_disagreement_is_explained(cases: pd.DataFrame, theirs: str) -> None:
    differ = cases[cases["ours"] != cases[theirs]]
    reasons = Counter(explained(row, theirs) for _, row in differ.iterrows())
    assert not reasons[""], differ[[explained(row, theirs) == "" for _, row in differ.iterrows()]].head().to_string()
    assert set(reasons) <= set(REASONS[theirs]), reasons
    assert set(REASONS[theirs]) <= set(reasons), "an explanation that explains nothing"


REASONS = {
    "stdnum": {
        "the county is younger than the person: numbering began in 1984, late registrants have the county of the day",
        "the county was in force when the person could be numbered: its dates are missing or shorter there",
        "the county had ended before the birth or before numbering began: its dates are longer there",
    },
    "id_validator": {
        "the county is younger than the person: numbering began in 1984, late registrants have the county of the day",
        "the county was in force when the person could be numbered: its dates are missing or shorter there",
        "the county had ended before the birth: not tested there",
    },
}


def test_we_agree_on_counties_in_force_at_birth(cases: pd.DataFrame) -> None:
    """Where the county was there at birth and still is, all three agree, but for what the others' tables lack."""
    plain = cases[~cases["ended"] & (cases["first"].dt.year < pd.to_datetime(cases["born"]).dt.year)]
    assert plain["ours"].all()
    assert plain["stdnum"].mean() > 0.98
    assert plain["id_validator"].mean() > 0.97


@pytest.mark.parametrize("theirs", [stdnum_says, validator.is_valid], ids=["stdnum", "id_validator"])
def test_checksums_and_dates_agree(theirs: object) -> None:
    """One county in force throughout: every wrong check character and every impossible day is refused by all."""
    days = [date(1990, 1, 1) + timedelta(days=37 * i) for i in range(60)]
    right = [number_of("110101", day) for day in days]
    wrong = [number[:17] + str((int(number[17]) + 1) % 10) for number in right if number[17] != "X"]
    impossible = [number_of("110101", days[0]).replace("19900101", day) for day in ("19900230", "19901301", "19900100")]
    cells = pd.Series(right + wrong + impossible)
    assert PACK.numbers.parse(cells)["valid"].tolist() == [bool(theirs(number)) for number in cells]  # type: ignore[operator]


def test_a_century_is_upgraded_that_id_validator_gets_wrong() -> None:
    """Sequences 996 to 999 of fifteen digits are of people born in the 1800s."""
    old = "880102800101998"
    assert PACK.numbers.parse(pd.Series([old]))["number"][0][6:10] == "1880"
    assert str(validator.upgrade_id(old) or "19")[6:8] != "18"
