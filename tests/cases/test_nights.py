"""What nights do to cases: one case per anomaly, its id for ever, closed in the night that its correction arrives."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cases.world import Finding, World, dumped, told

DEATH = Finding()


@pytest.fixture
def control_url(tmp_path: Path) -> str:
    """The step sees frames, not databases: one kind is enough here."""
    return f"sqlite:///{tmp_path}/control.sqlite"


def test_a_finding_raises_one_case_and_hands_it_to_its_owner(world: World) -> None:
    assert told(world.run(DEATH)) == ["raised", "referred"]
    case = world.only()
    assert (case["state"], case["owner"], case["due_on"]) == ("referred", "police", world.night + timedelta(days=15))


def test_the_same_night_again_changes_nothing(world: World) -> None:
    world.run(DEATH, Finding("B01", "P2", severity="low"), Finding("I01", "P3", status="review"))
    before = dumped(world)
    assert told(world.run(DEATH, Finding("B01", "P2", severity="low"), Finding("I01", "P3", status="review"), days=0)) == []
    assert dumped(world) == before


def test_watch_raises_no_case_and_review_waits_for_a_person(world: World) -> None:
    events = world.run(Finding("B01", "P2", status="watch"), Finding("I02", "P3", status="review"))
    assert told(events) == ["raised"]
    assert world.only()["state"] == "raised"


def test_the_correction_closes_the_case_the_same_night(world: World) -> None:
    world.run(DEATH)
    assert told(world.run()) == ["verified", "closed"]
    case = world.only()
    assert (case["state"], case["outcome"], case["closed_on"]) == ("closed", "corrected_at_source", world.night)
    assert told(world.run()) == []


def test_it_comes_back_under_its_old_id(world: World) -> None:
    world.run(DEATH)
    first = world.only()["case_id"]
    world.run()
    assert told(world.run(DEATH)) == ["reopened", "referred"]
    assert world.only()["case_id"] == first
    assert world.only()["closed_on"] is None


def test_an_explanation_clears_it_with_its_reason(world: World) -> None:
    world.run(DEATH)
    events = world.run(cleared=[(DEATH, "reporting_lag")])
    assert told(events) == ["auto_cleared"]
    assert events["reason"].tolist() == ["explained: reporting_lag"]
    assert world.only()["outcome"] == "explained:reporting_lag"


def test_a_link_that_we_take_back_is_our_own_error(world: World) -> None:
    world.run(DEATH)
    world.number += 1
    world.happened("P9", "split", reason="split from P1")
    world.number -= 1
    assert told(world.run()) == ["auto_cleared"]
    assert world.only()["outcome"] == "wrong_link"
    assert told(world.run(DEATH)) == ["reopened", "referred"]


def test_a_case_follows_merged_persons(world: World) -> None:
    world.run(DEATH)
    first = world.only()["case_id"]
    world.happened("P1", "merged", "P2")
    world.happened("P2", "merged", "P3")
    assert told(world.run(replace(DEATH, key="P3"))) == ["kept"]
    case = world.only()
    assert (case["case_id"], case["subject_key"], case["person_ids"]) == (first, "P3", ["P3"])


def test_two_cases_that_prove_to_be_one_are_merged(world: World) -> None:
    world.run(DEATH)
    older = world.only()["case_id"]
    world.run(DEATH, replace(DEATH, key="P2"))
    world.happened("P1", "merged", "P2")
    assert sorted(told(world.run(replace(DEATH, key="P2")))) == ["kept", "merged"]
    by_state = {c["state"]: c for c in world.control.list_cases()}
    assert by_state["merged"]["merged_into"] == older == by_state["referred"]["case_id"]
    assert told(world.run(replace(DEATH, key="P2"))) == []


def test_a_case_follows_its_evidence_when_its_subject_is_named_anew(world: World) -> None:
    rows = (("police", "A1", "self"), ("death", "D1", "deceased"))
    world.run(replace(DEATH, records=rows))
    first = world.only()["case_id"]
    assert told(world.run(replace(DEATH, key="P77", records=rows))) == ["kept"]
    assert world.only()["case_id"] == first


def test_a_shared_parent_is_no_reason_to_follow(world: World) -> None:
    mother = ("police", "M1", "self")
    world.run(Finding("B01", "P1", records=(("birth", "B1", "child"), mother)))
    events = world.run(Finding("B01", "P2", records=(("birth", "B2", "child"), mother)))
    assert sorted(told(events)) == ["closed", "raised", "referred", "verified"]


def test_silence_escalates_up_to_the_limit(world: World) -> None:
    world.run(DEATH)
    heard = [told(world.run(DEATH, days=16)) for _ in range(5)]
    assert heard == [["escalated"]] * 3 + [[]] * 2
    assert world.only()["escalation"] == 3


def test_a_mark_of_the_rule_escalates(world: World) -> None:
    world.run(DEATH)
    events = world.run(replace(DEATH, escalation=1))
    assert told(events) == ["escalated"]
    assert told(world.run(replace(DEATH, escalation=1))) == []


def test_news_about_the_evidence_is_told(world: World) -> None:
    world.run(replace(DEATH, yuan=100.0))
    events = world.run(replace(DEATH, yuan=350.25, severity="critical", confidence=0.981))
    assert told(events) == ["kept"]
    assert events["reason"].tolist() == ["changed: severity, yuan"]


def test_information_is_never_due(world: World) -> None:
    assert told(world.run(Finding("L02", "P5", severity="info"))) == ["raised"]
    assert world.only()["due_on"] is None


def test_ids_name_rule_subject_and_night_only(world: World) -> None:
    world.run(DEATH)
    assert world.only()["case_id"] == "C" + world.only()["case_id"][1:]
    assert len(str(world.only()["case_id"])) == 13
    assert world.only()["opened_on"] == date(2026, 1, 2)
