"""What people may do to a case, and what a night then does with it."""

from datetime import timedelta

import pytest

from pipelines.cases.acts import Act, CaseDesk, Verdict
from pipelines.errors import TemporaryError, UsageError
from pipelines.storage.control import RecordRef
from tests.cases.world import Finding, World, corrected, told

ROWS = (("death", "D1", "deceased"), ("police", "A1", "self"))
DEATH = Finding(records=ROWS)
DEAD, POLICE = RecordRef(*ROWS[0]), RecordRef(*ROWS[1])


@pytest.fixture
def desk(world: World) -> CaseDesk:
    world.run(DEATH)
    return CaseDesk(world.control)


def act(world: World, by: str = "ana", reason: str = "seen in the file", version: int | None = None) -> Act:
    return Act(by, world.at, reason, version)


def case_id(world: World) -> str:
    return str(world.only()["case_id"])


def states(world: World) -> list[str]:
    return [e["event"] for e in world.control.case_history(case_id(world))]


def test_an_error_at_the_source_stays_open_until_an_extract_shows_it(world: World, desk: CaseDesk) -> None:
    desk.decide(case_id(world), Verdict("error_in_register"), act(world))
    assert (world.only()["state"], world.only()["outcome"]) == ("referred", "error_in_register:police")
    assert told(world.run(DEATH)) == []
    assert told(world.run(shown=corrected(DEATH))) == ["verified", "closed"]
    assert world.only()["outcome"] == "error_in_register:police"


@pytest.mark.parametrize("outcome", ["lawful_exception", "lag", "cannot_tell"])
def test_a_persons_last_word_stands_against_the_model(world: World, desk: CaseDesk, outcome: str) -> None:
    desk.decide(case_id(world), Verdict(outcome), act(world))
    assert told(world.run(DEATH)) == []
    assert world.only()["state"] == "closed"
    desk.reopen(case_id(world), act(world, "ben"))
    assert told(world.run(DEATH)) == ["referred"]


def test_wrong_link_becomes_a_cannot_link_until_it_is_withdrawn(world: World, desk: CaseDesk) -> None:
    desk.decide(case_id(world), Verdict("wrong_link"), act(world))
    [row] = world.control.decisions().itertuples(index=False)
    assert (row.kind, row.left_source, row.left_record_key, row.right_source, row.right_record_key) == ("cannot_link", "death", "D1", "police", "A1")
    assert world.run(DEATH).empty
    desk.withdraw(str(row.decision_id), act(world, "ben", "the clerk mixed them up"))
    assert world.control.decisions().empty
    assert world.only()["state"] == "reopened"


def test_reopening_withdraws_the_decision(world: World, desk: CaseDesk) -> None:
    desk.decide(case_id(world), Verdict("wrong_link"), act(world))
    desk.reopen(case_id(world), act(world, "ben"))
    assert world.control.decisions().empty
    assert [d["status"] for d in world.control.list_decisions()] == ["withdrawn"]


def test_wrong_link_among_three_needs_to_know_which(world: World) -> None:
    world.run(Finding(records=(*ROWS, ("cremation", "Z1", "deceased"))))
    desk = CaseDesk(world.control)
    with pytest.raises(UsageError, match="RC-K08"):
        desk.decide(case_id(world), Verdict("wrong_link"), act(world))
    desk.decide(case_id(world), Verdict("wrong_link", records=(POLICE,)), act(world))
    pairs = {(d["left_source"], d["right_source"]) for d in world.control.list_decisions()}
    assert pairs == {("death", "police"), ("cremation", "police")}


@pytest.mark.parametrize(("outcome", "state"), [("error_person_dead", "referred"), ("same_person", "closed")])
def test_two_people_are_needed_to_close_somebody_as_dead_and_to_merge_persons(world: World, desk: CaseDesk, outcome: str, state: str) -> None:
    case = case_id(world)
    desk.decide(case, Verdict(outcome), act(world))
    assert (world.only()["state"], world.only()["outcome"]) == ("referred", None)
    desk.decide(case, Verdict(outcome), act(world, " ANA "))
    assert world.only()["outcome"] is None
    desk.decide(case, Verdict(outcome), act(world, "ben"))
    assert world.only()["state"] == state
    assert str(world.only()["outcome"]).startswith(outcome)
    assert len(world.control.decisions()) == (1 if outcome == "same_person" else 0)


def test_a_second_person_given_at_once_has_to_be_another(world: World, desk: CaseDesk) -> None:
    with pytest.raises(UsageError, match="RC-H03"):
        desk.decide(case_id(world), Verdict("same_person", second="Ana"), act(world))
    desk.decide(case_id(world), Verdict("same_person", second="ben"), act(world))
    assert [d["second"] for d in world.control.list_decisions()] == ["ben"]


def test_no_act_without_name_and_decisions_not_without_reason(world: World, desk: CaseDesk) -> None:
    with pytest.raises(UsageError, match="RC-S06"):
        desk.comment(case_id(world), act(world, by=" "))
    with pytest.raises(UsageError, match="RC-S06"):
        desk.decide(case_id(world), Verdict("lag"), act(world, reason=" "))
    with pytest.raises(UsageError, match="RC-K07"):
        desk.decide(case_id(world), Verdict("nonsense"), act(world))
    assert states(world) == ["raised", "referred"]


def test_a_stale_version_is_a_conflict_and_a_double_click_is_none(world: World, desk: CaseDesk) -> None:
    case, seen = case_id(world), world.only()["version"]
    assert isinstance(seen, int)
    desk.decide(case, Verdict("lag"), act(world, version=seen))
    desk.decide(case, Verdict("lag"), act(world, version=seen))
    assert states(world) == ["raised", "referred", "decided"]
    with pytest.raises(UsageError, match="RC-K02"):
        desk.decide(case, Verdict("lawful_exception"), act(world, "ben", version=seen))


def test_the_machine_says_no(world: World, desk: CaseDesk) -> None:
    desk.decide(case_id(world), Verdict("lag"), act(world))
    for forbidden in (desk.refer, desk.suppress):
        with pytest.raises(UsageError, match="RC-K04"):
            forbidden(case_id(world), *([world.night + timedelta(days=9)] if forbidden == desk.suppress else []), act(world))


def test_a_sleeping_case_wakes_on_its_date(world: World, desk: CaseDesk) -> None:
    desk.suppress(case_id(world), world.night + timedelta(days=3), act(world))
    assert told(world.run(DEATH)) == []
    assert told(world.run(DEATH, days=2)) == ["woken", "referred"]
    assert world.only()["state"] == "referred"
    with pytest.raises(UsageError, match="RC-K05"):
        desk.suppress(case_id(world), world.night, act(world))


def test_a_sleeping_case_that_was_corrected_closes(world: World, desk: CaseDesk) -> None:
    desk.suppress(case_id(world), world.night + timedelta(days=30), act(world))
    assert told(world.run(shown=corrected(DEATH))) == ["verified", "closed"]


def test_waking_twice_is_waking_once(world: World, desk: CaseDesk) -> None:
    desk.suppress(case_id(world), world.night + timedelta(days=30), act(world))
    for _ in range(2):
        assert desk.reopen(case_id(world), act(world))["state"] == "reopened"
    assert states(world) == ["raised", "referred", "suppressed", "woken"]


def test_a_household_merged_by_hand_is_one_case_until_all_of_it_is_gone(world: World) -> None:
    twins = (Finding("B01", "P1"), Finding("B01", "P2"))
    world.run(*twins)
    desk = CaseDesk(world.control)
    first, second = (str(c["case_id"]) for c in world.control.list_cases(code="B01"))
    desk.merge(second, first, act(world, reason="one household"))
    assert told(world.run(*twins)) == []
    kept = world.control.case(first)
    other = next(t for t in twins if t.finding_id != kept["finding_id"])
    assert told(world.run(other)) == ["kept"]
    assert told(world.run(shown=corrected(other))) == ["verified", "closed"]
    with pytest.raises(UsageError, match="RC-K06"):
        desk.merge(first, second, act(world))


def test_people_acting_meanwhile_stop_the_publication(world: World, desk: CaseDesk) -> None:
    world.number += 1
    pinned = world.control.cases_version()
    ctx = world.step([DEATH])
    desk.comment(case_id(world), act(world))
    with pytest.raises(TemporaryError, match="RC-S08"):
        world.publish(ctx, pinned)
    assert world.publish(world.step([DEATH]))


def test_show_names_what_may_be_done(world: World, desk: CaseDesk) -> None:
    desk.assign(case_id(world), "ben", act(world))
    shown = desk.show(case_id(world))
    assert shown["case"]["assignee"] == "ben"
    assert {"decided", "suppressed", "commented", "answered"} <= set(shown["moves"])
    assert not {"raised", "verified", "reopened"} & set(shown["moves"])
