"""The table of moves by itself, and the state machine under random sequences of nights and people."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from pipelines.cases.acts import Act, CaseDesk, Reply, Verdict
from pipelines.cases.machine import MOVES, OPEN, OUTCOMES, OVER, Event, State, move, stands
from pipelines.contracts.worklist import ANSWERS
from pipelines.errors import RollcallError
from pipelines.storage.control import ControlDatabase
from tests.cases.world import Finding, Row, World
from tools.draw_cases import drawn

PERSONS = ("P1", "P2", "P3", "P4")
PEOPLE = st.sampled_from(["ana", "ben", "cy"])
STATUSES = st.sampled_from(["open", "open", "review", "watch"])
SEVERITIES = st.sampled_from(["critical", "high", "info"])
SUBJECTS = st.tuples(st.sampled_from(["D01", "B01"]), st.sampled_from(PERSONS))


def test_every_move_can_be_told_apart() -> None:
    told = [(m.event, before) for m in MOVES for before in m.before]
    assert len(told) == len(set(told))


def test_every_state_can_be_reached_and_every_open_one_can_be_left() -> None:
    reached = {m.after for m in MOVES}
    assert set(State) <= reached
    for state in OPEN:
        assert move(Event.VERIFIED, state)
        assert move(Event.MERGED, state)
    assert all(move(Event.REOPENED, state) for state in OVER)
    assert not [m for m in MOVES if State.MERGED in m.before]


def test_the_diagram_in_the_docs_is_the_tables_own() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cases.md").read_text(encoding="utf-8")
    assert drawn() in page, "docs/cases.md is behind: run python tools/draw_cases.py"


class Life(RuleBasedStateMachine):
    """Findings come and go, persons merge, people act, nights pass. ``url`` makes a fresh control database."""

    url: Callable[[Path], str]

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="rollcall-life-"))
        self.world = World(self.folder, ControlDatabase(type(self).url(self.folder)))
        self.desk = CaseDesk(self.world.control)
        self.firing: dict[tuple[str, str], Finding] = {}
        self.cleared: list[tuple[Finding, str]] = []
        self.heirs: dict[str, str] = {}
        self.seen: set[str] = set()
        self.appear({("D01", "P1"), ("D01", "P2"), ("B01", "P3")}, "open", "high")
        self.night_passes(1)

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.control.close()
            self.world.engine.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def now(self, person: str) -> str:
        while person in self.heirs:
            person = self.heirs[person]
        return person

    @rule(subjects=st.sets(SUBJECTS, min_size=1, max_size=4), status=STATUSES, severity=SEVERITIES)
    def appear(self, subjects: set[tuple[str, str]], status: str, severity: str) -> None:
        for code, person in sorted(subjects):
            self.firing[code, self.now(person)] = Finding(code, self.now(person), status, severity)

    @precondition(lambda self: self.firing)
    @rule(data=st.data(), explained=st.booleans())
    def vanishes(self, data: st.DataObject, explained: bool) -> None:
        gone = self.firing.pop(data.draw(st.sampled_from(sorted(self.firing))))
        self.cleared = [(gone, "reporting_lag")] if explained else []

    @rule(pair=st.tuples(st.sampled_from(PERSONS), st.sampled_from(PERSONS)))
    def persons_merge(self, pair: tuple[str, str]) -> None:
        gone, stays = self.now(pair[0]), self.now(pair[1])
        if gone == stays:
            return
        self.world.happened(gone, "merged", stays)
        self.heirs[gone] = stays
        for code, person in [k for k in self.firing if k[1] == gone]:
            finding = self.firing.pop((code, person))
            self.firing[code, stays] = replace(finding, key=stays)

    @rule(days=st.sampled_from([1, 1, 3, 20]), shown=st.sets(st.sampled_from([f"R{person}" for person in PERSONS])))
    def night_passes(self, days: int, shown: frozenset[str] = frozenset()) -> None:
        tonight = sorted(self.firing.values(), key=lambda f: (f.code, f.key))
        self.cleared = [(f, why) for f, why in self.cleared if (f.code, f.key) not in self.firing]
        self.world.run(*tonight, cleared=self.cleared, days=days, shown=[Row("police", key, "changed") for key in sorted(shown)])
        self.each_anomaly_is_one_case()
        before = self.world.control.cases()
        again = self.world.step(list(reversed(tonight)), self.cleared)
        assert self.world.read(again.outputs / "case_events.parquet").empty
        assert self.world.read(again.outputs / "cases.parquet")["version"].tolist() == before["version"].tolist()

    def each_anomaly_is_one_case(self) -> None:
        cases = {c["case_id"]: c for c in self.world.control.list_cases()}

        def root(case: dict[str, Any]) -> dict[str, Any]:
            return root(cases[case["merged_into"]]) if case["merged_into"] else case

        for finding in self.firing.values():
            mine = [c for c in cases.values() if c["code"] == finding.code and self.now(c["subject_key"]) == finding.key]
            roots = {root(c)["case_id"]: root(c) for c in mine}
            assert len(roots) == 1 if finding.status != "watch" else len(roots) <= 1
            for case in roots.values():
                awake = case["state"] in OPEN or (case["state"] == "closed" and stands(case["outcome"]))
                assert awake or finding.status == "watch", case["state"]
        held = {f.finding_id for f in self.firing.values()}
        assert all(c["finding_id"] in held for c in cases.values() if c["state"] in OPEN)

    def act_on(self, data: st.DataObject, what: Callable[[str, Act], object], by: str, *, stale: bool = False) -> None:
        cases = self.world.control.list_cases()
        if not cases:
            return
        case = data.draw(st.sampled_from(sorted(c["case_id"] for c in cases)))
        before = self.world.control.case(case)
        act = Act(by, self.world.at, "looked into it", before["version"] - (2 if stale else 0))
        try:
            what(case, act)
        except RollcallError as error:
            assert error.code.startswith(("RC-K", "RC-H", "RC-S06"))  # noqa: PT017 - the outcome decides what must hold
            assert self.world.control.case(case) == before
        else:
            assert not stale or self.world.control.case(case) == before
            what(case, act)  # a double click
            assert self.world.control.case(case)["version"] <= before["version"] + 1

    @rule(data=st.data(), by=PEOPLE, outcome=st.sampled_from(sorted(OUTCOMES)), stale=st.sampled_from([False, False, False, True]))
    def somebody_decides(self, data: st.DataObject, by: str, outcome: str, stale: bool) -> None:
        self.act_on(data, lambda case, act: self.desk.decide(case, Verdict(outcome), act), by, stale=stale)

    @rule(data=st.data(), by=PEOPLE, days=st.integers(1, 9))
    def somebody_lets_it_sleep(self, data: st.DataObject, by: str, days: int) -> None:
        self.act_on(data, lambda case, act: self.desk.suppress(case, self.world.night + timedelta(days=days), act), by)

    @rule(data=st.data(), by=PEOPLE, verb=st.sampled_from(["reopen", "refer", "comment"]))
    def somebody_acts(self, data: st.DataObject, by: str, verb: str) -> None:
        self.act_on(data, lambda case, act: getattr(self.desk, verb)(case, act), by)

    @rule(data=st.data(), by=PEOPLE)
    def somebody_is_given_it(self, data: st.DataObject, by: str) -> None:
        self.act_on(data, lambda case, act: self.desk.assign(case, "dee", act), by)

    @rule(data=st.data(), answer=st.sampled_from(sorted(ANSWERS)))
    def a_department_answers(self, data: st.DataObject, answer: str) -> None:
        self.act_on(data, lambda case, act: self.desk.answer(case, Reply(answer, "wang", self.world.night), act), "clerk")

    @rule(data=st.data(), by=PEOPLE)
    def somebody_merges_cases(self, data: st.DataObject, by: str) -> None:
        ids = sorted(c["case_id"] for c in self.world.control.list_cases())
        if ids:
            into = data.draw(st.sampled_from(ids))
            self.act_on(data, lambda case, act: self.desk.merge(case, into, replace(act, version=None)), by)

    @invariant()
    def no_case_is_lost_and_no_move_illegal(self) -> None:
        if not hasattr(self, "world"):
            return
        cases = {c["case_id"]: c for c in self.world.control.list_cases()}
        assert self.seen <= set(cases)
        self.seen |= set(cases)
        for case in cases.values():
            history = self.world.control.case_history(case["case_id"])
            assert [e["version"] for e in history] == list(range(1, case["version"] + 1))
            state = None
            for event in history:
                assert event["state_before"] == state
                allowed = move(Event(event["event"]), State(state) if state else None)
                assert allowed is not None
                assert event["state_after"] == (allowed.after or state)
                state = event["state_after"]
            assert case["state"] == state
            assert (case["closed_on"] is not None) == (state in {"closed", "auto_cleared", "merged"})
            assert (case["merged_into"] is not None) == (state == "merged")

    @invariant()
    def the_chain_verifies(self) -> None:
        if hasattr(self, "world"):
            assert self.world.control.verify_audit() == []


def live(url: Callable[[Path], str], examples: int, steps: int) -> None:
    kind = type("Life", (Life,), {"url": staticmethod(url)})
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        kind, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, suppress_health_check=quiet)
    )


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder}/control.sqlite"


def test_random_lives_on_sqlite() -> None:
    live(sqlite_url, examples=8, steps=20)


def test_random_lives_on_postgresql(postgres_server: str, tmp_path: Path) -> None:
    import uuid

    import psycopg

    def url(_: Path) -> str:
        name = f"life{uuid.uuid4().hex[:12]}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f'CREATE SCHEMA "{name}"')
        return f"{postgres_server}?options=-csearch_path%3D{name}"

    live(url, examples=3, steps=12)


@pytest.mark.slow
def test_many_random_lives() -> None:
    live(sqlite_url, examples=300, steps=40)
