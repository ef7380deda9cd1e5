"""Nights in a row: ids that last, heal, split and merge, and the same answer whatever the order."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matching.identity import resolve
from pipelines.storage.frames import table_hash
from tests.link.test_people import CASES, PARENTS, child
from tests.link.world import Night, birth, number, row, run_night

FIRST, SECOND, THIRD = date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 2)
OLD = number("1950-05-06", 11)
ENTRY = row("police", "E1", name="张伟", sex="M", born="1950-05-06", no=OLD, division="880105", changed_on="2026-01-31")
PENSION = row("pension", "P1", name="张伟", sex="M", born="1950-05-06", division="880124", changed_on="2026-01-31")
APART = {"kind": "cannot_link", "left_source": "police", "left_record_key": "E1", "left_role": "self",
         "right_source": "pension", "right_record_key": "P1", "right_role": "beneficiary"}  # fmt: skip


def events(night: Night) -> list[tuple[str, str]]:
    history = night.table("person_history")
    return [(e, str(n)[:10]) for e, n in history[["event", "night"]].itertuples(index=False)]


def unlike(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows with the pension row too vague to be linked."""
    return [{**r, "name": None, "born": None} if r["source"] == "pension" else r for r in rows]


def test_nothing_changes_when_nothing_changes(tmp_path: Path) -> None:
    rows = CASES["twin brothers whose names differ in one character"][0]
    first = run_night(tmp_path / "1", rows, night=FIRST)
    rows = [{**r, "changed_on": "2026-01-31"} for r in rows]
    second = run_night(tmp_path / "2", rows, before=first, night=SECOND)
    assert second.persons() == first.persons()
    assert second.table("links").equals(first.table("links"))
    assert second.table("person_history").equals(first.table("person_history"))


def test_new_data_heals_and_the_old_id_resolves(tmp_path: Path) -> None:
    first = run_night(tmp_path / "1", unlike([ENTRY, PENSION]), night=FIRST)
    old = first.persons()
    assert len(set(old.values())) == 2
    second = run_night(tmp_path / "2", [ENTRY, {**PENSION, "no": OLD}], before=first, night=SECOND)
    [person] = set(second.persons().values())
    history = second.table("person_history")
    assert {resolve(p, history) for p in old.values()} == {person}
    assert events(second).count(("merged", "2026-02-01")) == 1
    assert history.set_index("event").loc["merged", "reason"] == "tier 1: same_number"


def test_a_decision_splits_and_its_withdrawal_merges_under_the_first_id(tmp_path: Path) -> None:
    rows = [ENTRY, {**PENSION, "no": OLD}]
    first = run_night(tmp_path / "1", rows, night=FIRST)
    second = run_night(tmp_path / "2", rows, before=first, night=SECOND, decisions=[APART])
    assert second.together() == [{"E1"}, {"P1"}]
    assert ("split", "2026-02-01") in events(second)
    third = run_night(tmp_path / "3", rows, before=second, night=THIRD)
    assert third.persons() == first.persons()
    minted = set(second.persons().values()) - set(first.persons().values())
    assert {resolve(p, third.table("person_history")) for p in minted} == set(first.persons().values())


def test_a_weak_link_that_was_made_stays_until_it_breaks(tmp_path: Path) -> None:
    near = {**PENSION, "name": "张韦"}
    certain = run_night(tmp_path / "1", [ENTRY, {**near, "no": OLD}], night=FIRST)
    assert len(set(certain.persons().values())) == 1
    alone = run_night(tmp_path / "alone", [ENTRY, near], night=SECOND)
    after = run_night(tmp_path / "2", [ENTRY, near], before=certain, night=SECOND)
    link = alone.table("links")
    joined, broken = 0.95, 0.9
    if len(link) and broken <= link["probability"].iloc[0] < joined:
        assert len(set(alone.persons().values())) == 2
        assert len(set(after.persons().values())) == 1


NIGHTS: list[list[dict[str, Any]]] = [
    [*PARENTS, ENTRY, PENSION],
    [*PARENTS, ENTRY, PENSION, *birth("B1", "2020-03-04", {"sex": "M"}, {"name": "李秀英"}, {"name": "王建国"})],
    [*PARENTS, ENTRY, {**PENSION, "no": OLD}, *birth("B1", "2020-03-04", {"sex": "M"}, {"name": "李秀英"}, {"name": "王建国"}),
     child("E9", "王梓轩", "M", number("2020-03-04", 11))],
]  # fmt: skip


def test_carried_over_pairs_equal_those_of_a_rebuild(tmp_path: Path) -> None:
    """The last night on top of the others has the links of the last night alone: only ids remember."""
    before = None
    for n, rows in enumerate(NIGHTS):
        before = run_night(tmp_path / str(n), rows, before=before, night=date(2026, 2, 1 + n))
    alone = run_night(tmp_path / "alone", NIGHTS[-1], night=date(2026, 2, 3))
    assert before is not None
    assert table_hash(before.folder / "links.parquet") == table_hash(alone.folder / "links.parquet")
    assert before.together() == alone.together()


@pytest.mark.parametrize("case", ["twins, a boy and a girl, without names", "twin brothers without names pair by order", "one number on two people"])
def test_row_order_does_not_matter(case: str, tmp_path: Path) -> None:
    rows = CASES[case][0]
    one, other = run_night(tmp_path / "a", rows), run_night(tmp_path / "b", rows[::-1])
    for table in ("links", "person_records", "person_history"):
        assert table_hash(one.folder / f"{table}.parquet") == table_hash(other.folder / f"{table}.parquet")
