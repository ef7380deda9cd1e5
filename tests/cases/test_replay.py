"""A rebuild repeats what people had done by each night, and so comes to the same cases, decisions and history."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pipelines.cases.acts import Act, CaseDesk, Reply, Verdict
from pipelines.storage.control import ControlDatabase, NewDecision, RecordRef
from tests.cases.world import Finding, World

ROWS = (("death", "D1", "deceased"), ("police", "A1", "self"))
FIRST, SECOND = Finding(records=ROWS), Finding("B01", "P2", severity="low")
BIRTH, PENSION = RecordRef("birth", "B1", "child"), RecordRef("pension", "7", "beneficiary")


def test_a_rebuild_repeats_what_people_did_when_they_did_it(world: World, tmp_path: Path) -> None:
    desk = CaseDesk(world.control)

    def act(by: str = "ana") -> Act:
        return Act(by, world.at, "looked into it")

    def case(code: str) -> str:
        return str(world.control.list_cases(code=code)[0]["case_id"])

    between: list[Callable[[], object]] = [
        lambda: desk.decide(case("D01"), Verdict("wrong_link"), act()),
        lambda: [
            desk.answer(case("B01"), Reply("lag", "wang", world.night), act("clerk")),
            desk.reopen(case("D01"), act("ben")),
            world.control.decide_link(NewDecision("must_link", BIRTH, PENSION, "one woman", "ana"), world.at),
        ],
        lambda: [
            world.control.decide_link(NewDecision("must_link", BIRTH, PENSION, "yes", "ben"), world.at),
            desk.suppress(case("B01"), world.night + timedelta(days=9), act()),
        ],
    ]
    pinned = []
    for doing in between:
        pinned.append(world.control.decisions().to_dict("records"))
        world.run(FIRST, SECOND)
        doing()
    pinned.append(world.control.decisions().to_dict("records"))
    world.run(FIRST, SECOND)

    with ControlDatabase(f"sqlite:///{tmp_path}/replica.sqlite") as control:
        (tmp_path / "replica").mkdir()
        replica = World(tmp_path / "replica", control)
        done = []
        for vintage, expected in zip(world.control.vintages(), pinned, strict=True):
            done.append(control.take_over(world.control, vintage.vintage_id))
            assert control.decisions().to_dict("records") == expected
            replica.run(FIRST, SECOND)
        assert done == [0, 2, 4, 2]
        assert control.list_cases() == world.control.list_cases()
        assert control.list_decisions() == world.control.list_decisions()
        assert control.verify_audit() == []
        for row in control.list_cases():
            told = [[{k: v for k, v in e.items() if k != "audit_seq"} for e in one.case_history(row["case_id"])] for one in (control, world.control)]
            assert told[0] == told[1]
        replica.engine.close()
