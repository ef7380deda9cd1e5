"""A hold needs two people to let it through; a merge of persons needs two to be decided; each stands in the audit chain."""

from datetime import date, timedelta

import pytest

from pipelines.errors import UsageError
from pipelines.storage.control import ControlDatabase, NewDecision, RecordRef
from tests.control.frames import AT, NIGHT, delivery, entry, gate, publish

LATER = "2026-01-03T09:00:00+08:00"
LEFT, RIGHT = RecordRef("death", "D1", "deceased"), RecordRef("police", "A1", "self")


def actions(control: ControlDatabase) -> list[str]:
    with control.engine.connect() as connection:
        return [a for (a,) in connection.exec_driver_sql("SELECT action FROM audit ORDER BY seq")]


@pytest.fixture
def hold(control: ControlDatabase) -> str:
    given = delivery()
    publish(control, deliveries=[given], ledger=[entry(given, "held")], gates=[gate(given), gate(delivery("birth"), "passed")])
    [held] = control.holds(waiting_only=True)
    return str(held["hold_id"])


def test_a_gate_that_holds_makes_a_hold(control: ControlDatabase, hold: str) -> None:
    [held] = control.holds()
    assert (held["source"], held["gate"], held["status"], held["night"]) == ("police", "volume_drop", "held", NIGHT)
    assert control.known_deliveries()["status"].tolist() == ["held"]
    assert control.overrides().empty


def test_one_person_asks_and_another_approves(control: ControlDatabase, hold: str) -> None:
    assert control.override_hold(hold, "boundary change, confirmed by phone", "ana", LATER)["status"] == "requested"
    assert control.overrides().empty
    with pytest.raises(UsageError, match="RC-H03"):
        control.override_hold(hold, "really", " Ana", LATER)
    assert control.override_hold(hold, "agreed", "ben", LATER)["status"] == "overridden"
    assert control.overrides().to_dict("records") == [{"delivery_id": delivery()["delivery_id"], "gate": "volume_drop", "hold_id": hold}]
    assert actions(control) == ["vintage.published", "hold.override_requested", "hold.override_approved"]
    control.override_hold(hold, "agreed", "ben", LATER)
    assert len(actions(control)) == 3
    with pytest.raises(UsageError, match="RC-H02"):
        control.override_hold(hold, "me too", "cy", LATER)


@pytest.mark.parametrize(("reason", "by", "code"), [(" ", "ana", "RC-S06"), ("why", "", "RC-S06")])
def test_no_override_without_reason_or_name(control: ControlDatabase, hold: str, reason: str, by: str, code: str) -> None:
    with pytest.raises(UsageError, match=code):
        control.override_hold(hold, reason, by, LATER)
    with pytest.raises(UsageError, match="RC-H01"):
        control.override_hold("H0", "why", "ana", LATER)


def test_the_same_hold_on_the_next_night_keeps_what_people_did(control: ControlDatabase, hold: str) -> None:
    control.override_hold(hold, "why", "ana", LATER)
    given = delivery()
    publish(
        control,
        "V2",
        "V1",
        LATER,
        NIGHT + timedelta(days=1),
        deliveries=[given],
        gates=[gate(given)],
        ledger=[entry(given, "held", date(2026, 1, 3))],
    )
    assert [h["status"] for h in control.holds()] == ["requested"]


def test_an_applied_delivery_settles_its_hold_and_the_override_is_kept_for_replays(control: ControlDatabase, hold: str) -> None:
    control.override_hold(hold, "why", "ana", LATER)
    control.override_hold(hold, "yes", "ben", LATER)
    given, night = delivery(), NIGHT + timedelta(days=1)
    publish(control, "V2", "V1", LATER, night, deliveries=[given], ledger=[entry(given, "applied", night)], gates=[gate(given, "overridden")])
    assert [h["status"] for h in control.holds()] == ["applied"]
    assert len(control.overrides()) == 1


def test_a_later_delivery_supersedes_the_hold(control: ControlDatabase, hold: str) -> None:
    night = NIGHT + timedelta(days=1)
    better = delivery(day=night, sequence=2)
    publish(control, "V2", "V1", LATER, night, deliveries=[better], ledger=[entry(better, "applied", night)])
    assert [h["status"] for h in control.holds()] == ["superseded"]
    assert control.holds(waiting_only=True) == []


def test_cannot_link_stands_at_once_and_must_link_waits_for_a_second_person(control: ControlDatabase) -> None:
    control.decide_link(NewDecision("cannot_link", RIGHT, LEFT, "two clerks", "ana"), AT)
    [row] = control.decisions().to_dict("records")
    assert (row["left_source"], row["right_source"], row["decided_on"]) == ("death", "police", NIGHT)
    other = RecordRef("pension", "7", "beneficiary")
    merge = NewDecision("must_link", RIGHT, other, "same woman", "ana")
    assert control.decide_link(merge, AT)["status"] == "pending"
    assert control.decide_link(merge, LATER)["status"] == "pending"
    assert len(control.decisions()) == 1
    assert control.decide_link(NewDecision("must_link", other, RIGHT, "yes", "ben"), LATER)["status"] == "in_force"
    assert len(control.decisions()) == 2
    assert actions(control) == ["decision.taken", "decision.taken", "decision.approved"]


def test_decisions_that_make_no_sense_are_refused(control: ControlDatabase) -> None:
    control.decide_link(NewDecision("cannot_link", LEFT, RIGHT, "why", "ana"), AT)
    refused = {
        "RC-K40": NewDecision("may_link", LEFT, RIGHT, "why", "ana"),
        "RC-K41": NewDecision("must_link", LEFT, LEFT, "why", "ana"),
        "RC-K42": NewDecision("must_link", RIGHT, LEFT, "why", "ana", "ben"),
        "RC-H03": NewDecision("must_link", LEFT, RecordRef("birth", "B", "child"), "why", "ana", "ANA"),
        "RC-S06": NewDecision("cannot_link", LEFT, RIGHT, "", "ana"),
    }
    for code, decision in refused.items():
        with pytest.raises(UsageError, match=code):
            control.decide_link(decision, AT)
    assert actions(control) == ["decision.taken"]
