"""Whatever is done to the record of what was done, both verifiers find it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines.errors import AuditError
from pipelines.storage.control import ControlDatabase
from pipelines.storage.control.chain import Entry, seal
from pipelines.storage.control.schema import AUDIT, CASE_EVENTS
from tests.control.frames import AT, case, event, publish

VERIFIER = Path(__file__).resolve().parents[2] / "tools" / "verify_audit.py"
Tamper = Callable[[sa.Connection], None]


@pytest.fixture
def written(control: ControlDatabase, tmp_path: Path) -> ControlDatabase:
    """Six entries, two published cases, an anchor at the head."""
    for number in range(4):
        control.note("looked", f"person/P{number}", "ana", {"field": "name", "number": number}, AT)
    publish(control, cases=[case(1), case(2)], case_events=[event(1), {**event(2), "due_on": date(2026, 2, 14)}])
    control.note("exported", "vintage/V1", "柏文", {"rows": 2}, AT)
    anchored(control, tmp_path)
    return control


def anchored(control: ControlDatabase, folder: Path) -> None:
    (folder / "vintages" / "V1").mkdir(parents=True)
    (folder / "vintages" / "V1" / "run.json").write_text(json.dumps({"audit_head": control.audit_head()}))


def by_hand(control: ControlDatabase, tamper: Tamper) -> None:
    """Change the database as somebody would who has the file or the owner's password: past the triggers."""
    with control.engine.connect() as connection:
        if control.engine.dialect.name == "sqlite":
            for trigger in ("audit_no_update", "audit_no_delete", "case_events_no_update", "case_events_no_delete"):
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        else:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER ALL")
            connection.exec_driver_sql("ALTER TABLE case_events DISABLE TRIGGER ALL")
        tamper(connection)
        connection.commit()


def alone(*arguments: str | Path) -> tuple[int, str]:
    """The stand-alone verifier, in a Python that can import nothing of ours."""
    done = subprocess.run([sys.executable, "-I", str(VERIFIER), *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def one_byte(connection: sa.Connection) -> None:
    connection.execute(sa.update(AUDIT).where(AUDIT.c.seq == 2).values(actor="anb"))


def a_byte_of_the_payload(connection: sa.Connection) -> None:
    connection.execute(sa.update(AUDIT).where(AUDIT.c.seq == 2).values(payload='{"field":"name","number":2}'))


def a_row_removed(connection: sa.Connection) -> None:
    connection.execute(sa.delete(AUDIT).where(AUDIT.c.seq == 3))


def the_first_row_removed(connection: sa.Connection) -> None:
    connection.execute(sa.delete(AUDIT).where(AUDIT.c.seq == 1))


def two_swapped(connection: sa.Connection) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        connection.execute(sa.update(AUDIT).where(AUDIT.c.seq == old).values(seq=new))


def the_tail_cut(connection: sa.Connection) -> None:
    connection.execute(sa.delete(AUDIT).where(AUDIT.c.seq == 6))


def rewritten_with_right_hashes(connection: sa.Connection) -> None:
    """The clever one: an act is taken out and every later hash computed anew."""
    rows = [Entry(**r) for r in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.seq)).mappings()]
    connection.execute(sa.delete(AUDIT))
    previous = "0" * 64
    for number, old in enumerate([r for r in rows if r.seq != 2] + rows[-1:], 1):
        new = seal(number, old.at, old.actor, old.action, old.object, old.payload, previous)
        connection.execute(sa.insert(AUDIT).values(**vars(new)))
        previous = new.hash


TAMPERING = [one_byte, a_byte_of_the_payload, a_row_removed, the_first_row_removed, two_swapped, the_tail_cut, rewritten_with_right_hashes]


def test_what_was_not_touched_verifies(written: ControlDatabase, tmp_path: Path) -> None:
    assert written.verify_audit(tmp_path / "vintages") == []
    written.require_audit(tmp_path / "vintages")
    assert written.export_chain(tmp_path / "chain.jsonl") == 6
    code, said = alone(tmp_path / "chain.jsonl", "--anchors", tmp_path / "vintages")
    assert (code, said.split(",")[:2]) == (0, ["6 entries", " 0 problems"])


@pytest.mark.parametrize("tamper", TAMPERING, ids=lambda f: f.__name__)
def test_tampering_is_found_by_both(written: ControlDatabase, tmp_path: Path, tamper: Tamper) -> None:
    by_hand(written, tamper)
    assert written.verify_audit(tmp_path / "vintages")
    with pytest.raises(AuditError, match="RC-A0") as caught:
        written.require_audit(tmp_path / "vintages")
    assert caught.value.exit_code == 6
    written.export_chain(tmp_path / "chain.jsonl")
    assert alone(tmp_path / "chain.jsonl", "--anchors", tmp_path / "vintages")[0] == 6


def test_lines_swapped_in_an_export_are_found(written: ControlDatabase, tmp_path: Path) -> None:
    written.export_chain(tmp_path / "chain.jsonl")
    lines = (tmp_path / "chain.jsonl").read_text(encoding="utf-8").splitlines()
    lines[1], lines[2] = lines[2], lines[1]
    (tmp_path / "chain.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert alone(tmp_path / "chain.jsonl")[0] == 6


def other_reason(connection: sa.Connection) -> None:
    connection.execute(sa.update(CASE_EVENTS).where(CASE_EVENTS.c.case_id == "C000000000001").values(reason="never mind"))


def other_due_date(connection: sa.Connection) -> None:
    connection.execute(sa.update(CASE_EVENTS).where(CASE_EVENTS.c.case_id == "C000000000001").values(due_on=date(2026, 3, 1)))


def due_date_forgotten(connection: sa.Connection) -> None:
    connection.execute(sa.update(CASE_EVENTS).where(CASE_EVENTS.c.case_id == "C000000000002").values(due_on=None))


def an_event_removed(connection: sa.Connection) -> None:
    connection.execute(sa.delete(CASE_EVENTS).where(CASE_EVENTS.c.case_id == "C000000000001"))


def an_event_added(connection: sa.Connection) -> None:
    connection.execute(sa.insert(CASE_EVENTS).values(**event(1, 2, "closed", "decided"), at=AT, audit_seq=4))


@pytest.mark.parametrize("tamper", [other_reason, other_due_date, due_date_forgotten, an_event_removed, an_event_added], ids=lambda f: f.__name__)
def test_a_changed_case_history_is_found(written: ControlDatabase, tmp_path: Path, tamper: Tamper) -> None:
    by_hand(written, tamper)
    assert "RC-A07" in {p.code for p in written.verify_audit()}
    if written.engine.dialect.name == "sqlite":
        assert alone(tmp_path / "control.sqlite")[0] == 6


def test_a_case_closed_past_its_history_is_found(written: ControlDatabase) -> None:
    with written.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE cases SET state = 'closed' WHERE case_id = 'C000000000002'")
    assert [p.code for p in written.verify_audit()] == ["RC-A08"]


def test_a_vintage_slipped_in_is_found(written: ControlDatabase) -> None:
    with written.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO vintages SELECT 'V9', night, parent, path, content_hash, run_id, published_at, 3 FROM vintages")
    assert [p.code for p in written.verify_audit()] == ["RC-A09"]


def test_an_old_copy_put_back_is_found(tmp_path: Path) -> None:
    file, copy = tmp_path / "control.sqlite", tmp_path / "copy.sqlite"
    with ControlDatabase(f"sqlite:///{file}") as control:
        control.note("looked", "person/P1", "ana", {}, AT)
    shutil.copy(file, copy)
    shutil.copy(file, tmp_path / "spare.sqlite")
    with ControlDatabase(f"sqlite:///{file}") as control:
        control.note("decided", "case/C1", "ana", {}, AT)
        anchored(control, tmp_path)
    with ControlDatabase(f"sqlite:///{copy}") as old:
        assert [p.code for p in old.verify_audit(tmp_path / "vintages")] == ["RC-A05"]
        old.note("decided otherwise", "case/C1", "eve", {}, AT)
        assert [p.code for p in old.verify_audit(tmp_path / "vintages")] == ["RC-A06"]
    assert alone(copy, "--anchors", tmp_path / "vintages")[0] == 6
    assert alone(tmp_path / "spare.sqlite", "--anchors", tmp_path / "vintages")[0] == 6
    assert alone(tmp_path / "spare.sqlite")[0] == 0


def test_the_lone_verifier_reads_a_database_and_refuses_nonsense(tmp_path: Path) -> None:
    with ControlDatabase(f"sqlite:///{tmp_path}/control.sqlite") as control:
        publish(control, cases=[case(1)], case_events=[event(1)])
    assert alone(tmp_path / "control.sqlite")[0] == 0
    (tmp_path / "nonsense.jsonl").write_text("{}\n")
    assert alone(tmp_path / "nonsense.jsonl")[0] == 6
    assert alone(tmp_path / "missing.jsonl")[0] == 2
