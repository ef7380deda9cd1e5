"""Publishing: one transaction, the effect of once however often, and nothing over what people did meanwhile."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pipelines.errors import BusyError, RollcallError, TemporaryError, UsageError
from pipelines.step import RunPin
from pipelines.storage.control import ControlDatabase, run_lock
from tests.control.frames import AT, NIGHT, case, delivery, entry, event, gate, publish


def everything(control: ControlDatabase) -> str:
    """All tables as text."""
    with control.engine.connect() as connection:
        names = ("audit", "deliveries", "ledger", "holds", "vintages", "current_vintage", "cases", "case_events")
        return "\n".join(str(sorted(map(str, connection.exec_driver_sql(f"SELECT * FROM {name}")))) for name in names)


def test_a_publication_can_be_read_back(control: ControlDatabase) -> None:
    given = delivery()
    rows = {"deliveries": [given], "ledger": [entry(given)], "cases": [case(1), case(2)], "case_events": [event(1), event(2)]}
    assert publish(control, gates=[gate(given, "passed")], **rows)
    current = control.current_vintage()
    assert current is not None
    assert (current.vintage_id, current.night, current.path) == ("V1", NIGHT, Path("vintages/V1"))
    assert [v.vintage_id for v in control.vintages()] == ["V1"]
    assert control.known_deliveries()[["delivery_id", "status"]].to_numpy().tolist() == [[given["delivery_id"], "applied"]]
    assert control.ledger()["owner"].tolist() == ["o"]
    cases = control.cases()
    assert cases["person_ids"].tolist() == [["P1"], ["P2"]]
    assert cases["records"].tolist()[0] == [{"source": "police", "record_key": "1", "role": "self"}]
    assert [str(y) for y in cases["yuan"]] == ["12.50", "12.50"]
    assert control.case("C000000000001")["records"] == cases["records"].tolist()[0]


def test_publishing_twice_has_the_effect_of_once(control: ControlDatabase) -> None:
    given = delivery()
    rows = {"deliveries": [given], "ledger": [entry(given)], "gates": [gate(given)], "cases": [case(1)], "case_events": [event(1)]}
    assert publish(control, **rows)
    before = everything(control)
    assert not publish(control, **rows)
    assert everything(control) == before


def test_a_publication_that_fails_leaves_nothing(control: ControlDatabase) -> None:
    publish(control)
    before = everything(control)
    with pytest.raises(RollcallError, match="RC-S09"):
        publish(control, "V2", "V1", deliveries=[delivery()], ledger=[], cases=[case(1)], case_events=[event(1)])
    assert everything(control) == before


def test_another_vintage_meanwhile_stops_it(control: ControlDatabase) -> None:
    publish(control)
    with pytest.raises(TemporaryError, match="RC-S07"):
        publish(control, "V2", None)
    with pytest.raises(TemporaryError, match="RC-S08"):
        publish(control, "V2", "V1", cases_version=99)
    assert publish(control, "V2", "V1")


def test_an_applied_delivery_stays_applied_when_it_comes_again(control: ControlDatabase) -> None:
    given = delivery()
    publish(control, deliveries=[given], ledger=[entry(given)])
    publish(control, "V2", "V1", night=date(2026, 1, 3), deliveries=[{**given, "status": "repeated"}, delivery("birth", status="waiting")])
    assert control.known_deliveries()["status"].tolist() == ["applied"]


def test_only_cases_whose_version_moved_are_written(control: ControlDatabase) -> None:
    publish(control, cases=[case(1)], case_events=[event(1)])
    moved = [case(1, 2, "referred"), case(2)]
    publish(control, "V2", "V1", cases=moved, case_events=[event(1, 2, "referred", "referred"), event(2)])
    assert [(c["state"], c["version"]) for c in control.list_cases()] == [("referred", 2), ("raised", 1)]
    assert [e["event"] for e in control.case_history("C000000000001")] == ["raised", "referred"]
    assert [c["case_id"] for c in control.list_cases(state="raised")] == ["C000000000002"]
    with pytest.raises(UsageError, match="RC-K01"):
        control.case("C0")
    assert control.verify_audit() == []


def test_runs_are_noted_and_taken_up_again(control: ControlDatabase) -> None:
    pin = RunPin(NIGHT, "R1", None, "c", "v")
    control.start_run(pin, AT)
    control.start_run(pin, "2026-01-02T03:00:00+08:00")
    control.finish_run("R1", "published", 0, "", "2026-01-02T03:10:00+08:00", {"link": 1.5})
    [run] = control.runs()
    assert (run["status"], run["exit_code"], run["started_at"], run["timings"]) == ("published", 0, "2026-01-01T19:00:00.000000Z", '{"link":1.5}')


@pytest.mark.parametrize("stamp", ["yesterday", "2026-13-01"])
def test_a_time_stamp_that_is_none_is_refused(control: ControlDatabase, stamp: str) -> None:
    with pytest.raises((UsageError, ValueError)):
        control.note("looked", "x", "ana", {}, stamp)


def test_many_cases_are_stored_in_seconds(control: ControlDatabase) -> None:
    count = 5_000
    started = time.perf_counter()
    publish(control, cases=[case(n) for n in range(count)], case_events=[event(n) for n in range(count)])
    assert len(control.cases()) == count
    assert control.verify_audit() == []
    assert time.perf_counter() - started < 30


def _writer(url: str, number: int) -> None:
    with ControlDatabase(url) as control:
        for turn in range(10):
            control.note("looked", f"person/P{turn}", f"w{number}", {}, AT)


def test_writers_at_once_make_one_chain(control: ControlDatabase, control_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_writer, args=(control_url, n)) for n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [w.exitcode for w in workers] == [0, 0]
    assert control.audit_head()["count"] == 20
    assert control.verify_audit() == []


def _hold_lock(url: str, data: Path, ready: Path) -> None:
    with ControlDatabase(url) as control, run_lock(data, control):
        ready.touch()
        time.sleep(60)


@contextmanager
def running(url: str, data: Path, ready: Path) -> Iterator[int]:
    """Another process that holds the run lock."""
    process = multiprocessing.get_context("spawn").Process(target=_hold_lock, args=(url, data, ready))
    process.start()
    deadline = time.monotonic() + 30
    while not ready.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert process.pid is not None
    try:
        yield process.pid
    finally:
        process.kill()
        process.join()


def test_one_run_at_a_time_and_the_lock_dies_with_its_process(control: ControlDatabase, control_url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(control_url, data, tmp_path / "ready") as pid:
        with pytest.raises(BusyError, match="RC-S04") as busy, run_lock(data, control):
            pass
        assert busy.value.exit_code == 5
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with run_lock(data, control):
                    return
            except BusyError:
                time.sleep(0.05)
    pytest.fail("the lock outlived its process")


def test_two_machines_with_one_database_keep_apart(postgres_url: str, tmp_path: Path) -> None:
    with ControlDatabase(postgres_url) as one, ControlDatabase(postgres_url) as other:
        with run_lock(tmp_path / "one", one), pytest.raises(BusyError), run_lock(tmp_path / "two", other):
            pass
        with run_lock(tmp_path / "two", other):
            pass


def test_a_lost_database_is_a_temporary_error(tmp_path: Path) -> None:
    with pytest.raises(TemporaryError, match="RC-S02"):
        ControlDatabase("postgresql://rollcall@127.0.0.1:1/none")


def test_empty_frames_have_the_contracts_columns(control: ControlDatabase) -> None:
    frames: list[pd.DataFrame] = [control.known_deliveries(), control.overrides(), control.decisions(), control.cases()]
    assert all(f.empty for f in frames)
    assert "suppressed_until" in frames[3].columns
