"""What nights do to cases: one case per anomaly, its id for ever, closed in the night that its correction arrives."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from pipelines.cases.acts import Act, CaseDesk, Verdict
from tests.cases.world import Finding, Row, World, corrected, dumped, told

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


def test_every_due_date_is_kept(world: World) -> None:
    """The owner is silent twice, then corrects: which dates were missed can still be told, and is sealed by the audit chain."""
    world.run(DEATH)
    first = world.night + timedelta(days=15)
    desk = CaseDesk(world.control)
    case = str(world.only()["case_id"])
    desk.comment(case, Act("ana", world.at, "rang them"))
    assert world.run(DEATH, days=16)["reason"].tolist() == [f"no answer by {first}"]
    second = world.night + timedelta(days=15)
    world.run(DEATH, days=16)
    third = world.night + timedelta(days=15)
    world.run(shown=corrected(DEATH))
    history = world.control.case_history(case)
    assert [event["event"] for event in history] == ["raised", "referred", "commented", "escalated", "escalated", "verified", "closed"]
    assert [event["due_on"] for event in history] == [None, first, first, second, third, third, None]
    assert world.only()["due_on"] is None
    assert world.control.verify_audit() == []


def test_the_correction_closes_the_case_the_same_night(world: World) -> None:
    world.run(DEATH)
    assert told(world.run(shown=corrected(DEATH))) == ["verified", "closed"]
    case = world.only()
    assert (case["state"], case["outcome"], case["closed_on"]) == ("closed", "corrected_at_source", world.night)
    assert "changed police-20260103-1-aaaaaaaa/rows.csv:7" in str(world.control.case_history(str(case["case_id"]))[-2]["reason"])
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
    assert events["reason"].tolist() == ["已有无害解释：reporting_lag · explained: reporting_lag"]
    assert world.only()["outcome"] == "explained:reporting_lag"


ENTRY, CERTIFICATE = ("police", "A1", "self"), ("death", "D1", "deceased")
CREMATION = ("cremation", "C1", "deceased")
PARTED = ((CERTIFICATE, "P9"),)
LINKED = replace(DEATH, records=(ENTRY, CERTIFICATE))


@dataclass(frozen=True)
class Gone:
    """What happened on the night from which on the finding is gone, and what the case comes to."""

    what: str
    outcome: str
    says: str
    rows: tuple[Row, ...] = ()
    persons: tuple[tuple[tuple[str, str, str], str], ...] = ()
    rule: str | None = "1"
    cleared: tuple[tuple[Finding, str], ...] = ()


ENDINGS = (
    Gone("the entry was cancelled", "corrected_at_source", "a later extract shows", (Row("police", "A1", "changed"),)),
    Gone("the entry is gone from the full extract", "corrected_at_source", "closed police-20260103", (Row("police", "A1", "closed"),)),
    Gone("a new record of the person came", "corrected_at_source", "new cremation-2026", (Row("cremation", "C1", "new"),), ((CREMATION, "P1"),)),
    Gone("a row was mended, and so left the person", "corrected_at_source", "changed death-2026", (Row("death", "D1", "changed"),), PARTED),
    Gone("another's row was changed", "not_due", "no row, link or rule", (Row("police", "A2", "changed"),)),
    Gone("another payment of the person came", "not_due", "no row, link or rule", (Row("death", "D1", "further"),)),
    Gone("a meter of theirs was read", "not_due", "no row, link or rule", (Row("electricity", "E1", "changed"),)),
    Gone("another register changed a row of theirs", "corrected_at_source", "changed school-2026", (Row("school", "S1", "changed"),)),
    Gone("our link was taken back", "wrong_link", "no longer one person's", (), PARTED),
    Gone("our link was taken back; another row of theirs changed", "wrong_link", "no longer one", (Row("school", "S1", "changed"),), PARTED),
    Gone("we found a further record of theirs", "wrong_link", "has further records", (), ((("police", "A7", "self"), "P1"),)),
    Gone("the rule was withdrawn", "rule_changed", "the rule was withdrawn", rule=None),
    Gone("the rule or its grace changed", "rule_changed", "its settings changed", rule="2"),
    Gone("the rule changed, and a row by chance", "rule_changed", "its settings changed", (Row("police", "A1", "changed"),), rule="2"),
    Gone("only time passed", "not_due", "grace and horizons"),
    Gone("the register now says why", "corrected_at_source", "changed police-2026", (Row("police", "A1", "changed"),), cleared=((LINKED, "former"),)),
    Gone("an innocent explanation holds after all", "explained:lag", "explained: lag", cleared=((LINKED, "lag"),)),
)  # fmt: skip


def night_of(world: World, gone: Gone) -> pd.DataFrame:
    """Two nights: the finding, with two records of other persons beside it; and the night from which on it is gone."""
    world.persons |= {("police", "A7", "self"): "P7", ("school", "S1", "pupil"): "P1", ("electricity", "E1", "holder"): "P1"}
    world.run(LINKED)
    world.persons |= dict(gone.persons)
    if gone.rule is None:
        del world.rules["D01"]
    else:
        world.rules["D01"] = gone.rule
    return world.run(shown=gone.rows, cleared=gone.cleared)


@pytest.mark.parametrize("gone", ENDINGS, ids=lambda gone: gone.what)
def test_why_it_is_gone(world: World, gone: Gone) -> None:
    events = night_of(world, gone)
    corrected = gone.outcome == "corrected_at_source"
    assert told(events) == (["verified", "closed"] if corrected else ["auto_cleared"])
    assert gone.says in events["reason"].iloc[0]
    assert world.only()["outcome"] == gone.outcome
    assert told(world.run(LINKED)) == ["reopened", "referred"]


@pytest.mark.parametrize("gone", ENDINGS, ids=lambda gone: gone.what)
def test_only_an_extract_verifies_what_somebody_decided(world: World, gone: Gone) -> None:
    world.run(LINKED)
    desk = CaseDesk(world.control)
    desk.decide(str(world.only()["case_id"]), Verdict("error_in_register"), Act("ana", world.at, "seen"))
    night_of(world, gone)
    case = world.only()
    corrected = gone.outcome == "corrected_at_source"
    assert (case["state"], case["outcome"]) == (("closed", "error_in_register:police") if corrected else ("auto_cleared", gone.outcome))


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
    events = world.run(Finding("B01", "P2", records=(("birth", "B2", "child"), mother)), shown=[Row("birth", "B1", "changed")])
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


TWINS = (Finding("B01", "P1"), Finding("B01", "P2", severity="critical"))
NEIGHBOUR, PARENT = Finding("B01", "P3"), Finding("I01", "P4")


def settle(world: World) -> None:
    """Twins and their parent under one roof, a neighbour next door."""
    world.homes = {"P1": "H1", "P2": "H1", "P3": "H2", "P4": "H1"}


def test_cases_about_one_household_are_suggested_to_be_one(world: World) -> None:
    settle(world)
    events = world.run(*TWINS, NEIGHBOUR, PARENT)
    lead, member = (next(c for c in world.control.list_cases() if c["subject_key"] == key) for key in ("P2", "P1"))
    suggested = events[events["event"] == "suggested"]
    assert suggested["case_id"].tolist() == [member["case_id"]]
    assert lead["case_id"] in suggested["reason"].iloc[0]
    assert {c["state"] for c in world.control.list_cases()} == {"referred"}
    assert told(world.run(*TWINS, NEIGHBOUR, PARENT, days=0)) == []
    assert told(world.run(*TWINS, NEIGHBOUR, PARENT)) == []


@pytest.mark.parametrize(("households", "merged"), [("merge", ["P1"]), ("leave", [])])
def test_a_deployment_says_what_becomes_of_households(world: World, households: str, merged: list[str]) -> None:
    settle(world)
    (world.folder / "cases.yml").write_text(f"households: {households}\n")
    assert "suggested" not in told(world.run(*TWINS, NEIGHBOUR, PARENT))
    assert [c["subject_key"] for c in world.control.list_cases() if c["state"] == "merged"] == merged
    ids = {c["subject_key"]: c["case_id"] for c in world.control.list_cases()}
    assert told(world.run(*TWINS, NEIGHBOUR, PARENT)) == []
    world.run(NEIGHBOUR, PARENT, shown=corrected(*TWINS))
    assert {c["subject_key"]: c["case_id"] for c in world.control.list_cases()} == ids
    assert {c["subject_key"] for c in world.control.list_cases() if c["state"] == "closed"} == {"P1", "P2"} - set(merged)


def test_a_home_for_the_aged_is_no_household(world: World) -> None:
    many = [Finding(key=f"P{n}") for n in range(7)]
    world.homes = {f"P{n}": "H1" for n in range(7)}
    assert "suggested" not in told(world.run(*many))
