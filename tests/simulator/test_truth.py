"""The truth holds one of everything, points at delivered records, and agrees with the files where a reader can tell."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from data_samples.simulator import simulate
from tests.simulator.reader import Folder, key_of, read_inbox, standing

CODES = [
    "D01",
    "D02",
    "D03",
    "D04",
    "D05",
    "D06",
    "B01",
    "B02",
    "B03",
    "B04",
    "I01",
    "I02",
    "I03",
    "I04",
    "I05",
    "M01",
    "M02",
    "M03",
    "M04",
    "E01",
    "P01",
    "P02",
    "L01",
    "L02",
    "A01",
]
INNOCENT = {
    "D01": {"grace", "cancelled_after_horizon", "certificate_withdrawn", "namesake"},
    "D02": {"grace", "court_declaration"},
    "D03": {"month_after_death", "survivor_paid", "namesake"},
    "D04": {"namesake"},
    "D05": {"placeholder_date", "within_seven_days"},
    "D06": {"grace", "other_province", "unidentified_body"},
    "B01": {"grace", "watch_only", "died_before_registration", "reissued_certificate"},
    "B02": {"born_elsewhere", "grace"},
    "B03": {"foreigner", "residence_permit", "wrong_number_on_row"},
    "B04": {"moved_away", "suspended"},
    "I01": {"move_in_flight"},
    "I02": {"parents_number", "survivor_paid", "typing_error"},
    "I03": {"former_number", "parents_number", "survivor_paid"},
    "I04": {"foreigner", "residence_permit"},
    "M01": {"office_elsewhere"},
    "M02": {"identity_stolen", "reissued_certificate"},
    "M03": {"autonomous_area"},
    "E01": {"transfer_completed", "transfer_in_progress"},
    "P01": {"one_after_the_other", "second_suspended"},
    "P02": {"household_elsewhere"},
    "L01": {"age_recorded_wrongly"},
    "L02": {"draws_a_pension"},
    "A01": {"boundary_change"},
}
NIGHTS = [dt.date(2026, 1, 30), dt.date(2026, 1, 31), dt.date(2026, 2, 1)]
Names = dict[tuple[str, str, str], str]


def day_of(compact: str) -> dt.date:
    return dt.date(int(compact[:4]), int(compact[4:6]), int(compact[6:]))


def names_of(records: pd.DataFrame) -> Names:
    return {(row.source, row.record_key, row.role): row.person for row in records.itertuples()}


@pytest.mark.parametrize("code", CODES)
def test_three_of_every_discrepancy(anomalies: pd.DataFrame, code: str) -> None:
    assert (anomalies.loc[anomalies["status"] == "open", "code"] == code).sum() >= 3


@pytest.mark.parametrize("code", INNOCENT)
def test_every_innocent_explanation(innocents: pd.DataFrame, code: str) -> None:
    assert set(innocents.loc[innocents["code"] == code, "kind"]) == INNOCENT[code]


def test_no_innocent_is_also_guilty(anomalies: pd.DataFrame, innocents: pd.DataFrame) -> None:
    cases = anomalies[anomalies["status"] == "open"]
    by_person = {(row.code, person) for row in cases.itertuples() for person in row.persons}
    by_record = {(row.code, row.subject) for row in cases.itertuples()}
    for row in innocents.itertuples():
        if row.code == "I04":
            assert not any((row.code, record) in by_record for record in row.records)
        else:
            assert not any((row.code, person) in by_person for person in row.persons), (row.code, row.kind)


def test_evidence_was_delivered_and_known_by_name(
    anomalies: pd.DataFrame, innocents: pd.DataFrame, records: pd.DataFrame, inbox: dict[str, list[Folder]]
) -> None:
    delivered = {(source, key_of(source, row)) for source, folders in inbox.items() for folder in folders for row in folder.rows}
    assert {(row.source, row.record_key) for row in records.itertuples()} == delivered
    known = set(records["source"] + "|" + records["record_key"] + "|" + records["role"])
    for frame in (anomalies, innocents):
        assert {record for cited in frame["records"] for record in cited} <= known


def test_nights(anomalies: pd.DataFrame) -> None:
    assert set(anomalies["first_night"]) <= set(NIGHTS)
    fixed = anomalies.dropna(subset=["fixed_night"])
    assert (fixed["fixed_night"] > fixed["first_night"]).all()
    assert {"D01", "D02", "B01", "B02", "I01", "I02", "I03", "I04", "M01", "M02"} <= set(fixed["code"])
    dated = anomalies.dropna(subset=["since"])
    assert (dated["since"] <= dated["first_night"]).all()


def test_double_live_entries_as_a_reader_finds_them(inbox: dict[str, list[Folder]], records: pd.DataFrame, anomalies: pd.DataFrame) -> None:
    who = names_of(records)
    live: dict[str, list[str]] = {}
    for key, row in standing(inbox["police"], "police").items():
        if not row["注销类别"]:
            live.setdefault(who["police", key, "self"], []).append(row["登记日期"])
    dates = {person: max(days) for person, days in live.items() if len(days) > 1}
    due = {person for person, latest in dates.items() if latest.isdigit() and (dt.date(2026, 1, 31) - day_of(latest)).days > 60}
    truth = anomalies[(anomalies["code"] == "I01") & anomalies["fixed_night"].isna()]
    assert due <= {persons[0] for persons in truth["persons"]}
    assert {persons[0] for persons in truth["persons"]} <= set(dates)


def test_the_dead_who_live_on_the_register(inbox: dict[str, list[Folder]], records: pd.DataFrame, anomalies: pd.DataFrame) -> None:
    who = names_of(records)
    live = {who["police", key, "self"] for key, row in standing(inbox["police"], "police").items() if not row["注销类别"]}
    dead = {}
    for key, row in standing(inbox["death"], "death").items():
        if row["状态"] != "删除":
            dead[who["death", key, "deceased"]] = dt.date.fromisoformat(row["死亡日期时间"][:10])
    overdue = {person for person, day in dead.items() if person in live and (dt.date(2026, 1, 31) - day).days > 30}
    truth = anomalies[(anomalies["code"] == "D01") & anomalies["fixed_night"].isna()]
    cited = {persons[0] for persons in truth["persons"]}
    assert overdue <= cited
    assert len(overdue) >= 3
    assert all(
        person in overdue or any(record.startswith("cremation") for record in records)
        for person, records in zip(cited, truth["records"], strict=False)
    )


def test_payments_to_the_dead(inbox: dict[str, list[Folder]], records: pd.DataFrame, persons: pd.DataFrame, anomalies: pd.DataFrame) -> None:
    who = names_of(records)
    death = persons.set_index("person")["death"]
    late = set()
    for folder in inbox["pension"]:
        for row in folder.rows:
            person = who["pension", row["个人编号"], "beneficiary"]
            month = int(row["发放年月"][:4]) * 12 + int(row["发放年月"][4:])
            died = death[person]
            if row["待遇状态"] == "发放" and pd.notna(died) and month - (died.year * 12 + died.month) >= 2:
                late.add(person)
    truth = {names[0] for names in anomalies.loc[anomalies["code"] == "D03", "persons"]}
    assert truth <= late
    assert len(late - truth) <= 2, "paid after a death that no source knows"


def test_unregistered_children(inbox: dict[str, list[Folder]], records: pd.DataFrame, persons: pd.DataFrame, anomalies: pd.DataFrame) -> None:
    registered = set(records.loc[records["source"] == "police", "person"])
    children = set(records.loc[(records["source"] == "birth") & (records["role"] == "child"), "person"])
    life = persons.set_index("person")
    due = {
        child
        for child in children - registered
        if pd.isna(life.at[child, "death"]) and (dt.date(2026, 1, 31) - life.at[child, "birth"]).days > 60
    }  # fmt: skip
    cases = anomalies[(anomalies["code"] == "B01") & (anomalies["status"] == "open") & anomalies["fixed_night"].isna()]
    assert {names[0] for names in cases["persons"]} == due


def test_a_new_term_drops_the_dead_and_keeps_the_rest(tmp_path: Path) -> None:
    simulate(600, 4, 6, tmp_path / "term", start=dt.date(2026, 2, 27))
    first, second = read_inbox(tmp_path / "term")["school"]
    assert second.date == "20260301"
    before, after = ({key_of("school", row) for row in folder.rows} for folder in (first, second))
    assert after <= before
    assert len(before) - len(after) < 5
