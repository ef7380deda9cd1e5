"""A run of many nights: everything due is delivered, life goes on, discrepancies begin and are put right on nights of their own."""

import datetime as dt
import json
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from data_samples.simulator import simulate
from tests.simulator.reader import Folder, key_of, read_inbox

EVERY = 14
LATER = ["D01", "D02", "D04", "D05", "D06", "B01", "B02", "I01", "I02", "I03", "I04", "I05", "M01", "M02", "M04"]
AT_ONCE = ["B03", "P02"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights a month, from the end of January to the end of September."""
    out = tmp_path_factory.mktemp("long") / "world"
    simulate(900, 18, 5, out, every=EVERY)
    return out


@pytest.fixture(scope="module")
def inbox(world: Path) -> dict[str, list[Folder]]:
    return read_inbox(world)


@pytest.fixture(scope="module")
def nights(world: Path) -> list[dt.date]:
    return [dt.date.fromisoformat(night) for night in json.loads((world / "nights.json").read_text())]


@pytest.fixture(scope="module")
def planted(world: Path) -> pd.DataFrame:
    found = pd.read_parquet(world / "truth" / "anomalies.parquet")
    return found[found["planted"] & (found["status"] == "open") & (found["code"] != "A01")]


def days(folders: list[Folder]) -> list[str]:
    return [folder.date for folder in folders]


def test_every_source_delivers_whenever_it_is_due(inbox: dict[str, list[Folder]], nights: list[dt.date]) -> None:
    assert [b - a for a, b in pairwise(nights)] == [dt.timedelta(days=EVERY)] * 17
    every_night = [f"{night:%Y%m%d}" for night in nights]
    for source in ("police", "birth", "death", "cremation", "marriage"):
        assert days(inbox[source]) == every_night
    assert days(inbox["school"]) == ["20260130", "20260313", "20260911"], "the first night, and the first of each term"
    assert days(inbox["pension"])[-8:] == [f"2026{month:02}10" for month in range(2, 10)]
    assert days(inbox["electricity"])[-8:] == [f"2026{month:02}05" for month in range(2, 10)]


def test_a_night_tells_all_that_changed_since_the_one_before(inbox: dict[str, list[Folder]]) -> None:
    """What the changes have built up is what the next whole extract shows, but for what happened since the last of them."""
    held = {key_of("police", row): row for row in inbox["police"][0].rows}
    wholes = []
    for folder in inbox["police"][1:]:
        rows = {key_of("police", row): row for row in folder.rows}
        if folder.manifest["mode"] == "full":
            assert set(held) <= set(rows)
            wholes.append(sum(rows[key] != held.get(key) for key in rows))
        held |= rows
    assert len(wholes) >= 7
    assert max(wholes) < 0.05 * len(held)


@pytest.mark.parametrize("source", ["police", "birth", "death", "marriage"])
def test_life_goes_on(inbox: dict[str, list[Folder]], source: str) -> None:
    with_rows = sum(bool(folder.rows) for folder in inbox[source][1:])
    assert with_rows >= 6


def test_some_people_move_in_from_elsewhere(inbox: dict[str, list[Folder]], nights: list[dt.date]) -> None:
    first = f"{nights[0]:%Y%m%d}"
    before = {row["公民身份号码"] for row in inbox["police"][0].rows}
    come = {
        row["人员编号"]
        for folder in inbox["police"][1:]
        for row in folder.rows
        if row["登记类别"] == "迁入" and row["登记日期"] >= first and row["公民身份号码"] not in before
    }
    assert len(come) >= 3


@pytest.mark.parametrize("code", [*LATER, *AT_ONCE])
def test_each_kind_is_put_right_on_a_night_of_its_own(planted: pd.DataFrame, nights: list[dt.date], code: str) -> None:
    mine = planted[planted["code"] == code]
    later = mine[mine["first_night"] > nights[0]]
    assert mine["fixed_night"].notna().sum() >= 1
    if code in LATER:
        assert len(later) >= 1
        assert later["fixed_night"].notna().all()


def test_corrections_arrive_on_all_nights(planted: pd.DataFrame, nights: list[dt.date]) -> None:
    assert set(planted["fixed_night"].dropna()) >= set(nights[2:])
    assert len(set(planted["first_night"])) > len(nights) / 2


def test_who_becomes_guilty_is_no_innocent(world: Path) -> None:
    found = pd.read_parquet(world / "truth" / "anomalies.parquet")
    guilty = {(row.code, person) for row in found[found["status"] == "open"].itertuples() for person in row.persons}
    innocents = pd.read_parquet(world / "truth" / "innocents.parquet")
    assert len(innocents) > 20
    assert not {(row.code, person) for row in innocents.itertuples() for person in row.persons} & guilty


def test_nights_less_than_a_day_apart_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="days apart"):
        simulate(600, 3, 1, tmp_path / "none", every=0)
