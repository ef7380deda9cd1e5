"""Invariant 5: half a file never closes half the population. It is held, alone, until two people say otherwise."""

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from pipelines import desk
from pipelines.errors import AuditError, UsageError
from pipelines.night.workspace import Workspace
from tests.flow.conftest import NIGHTS, SAMPLES, at, nights
from tests.flow.deliver import redeliver

MONTHLY_FULL = NIGHTS[-1]


@pytest.fixture(scope="module")
def half(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The sample's nights, with every second row of the police full of the 1st of the month gone."""
    folder = tmp_path_factory.mktemp("half")
    shutil.copytree(SAMPLES / "inbox", folder / "inbox")
    delivery = folder / "inbox" / "police" / f"{MONTHLY_FULL:%Y%m%d}"
    assert json.loads((delivery / "manifest.json").read_text())["mode"] == "full"
    redeliver(delivery, "hukou.csv", "gb18030", lambda lines: [lines[0], *lines[1::2]])
    return at(folder / "data", folder / "inbox")


def live(workspace: Workspace, source: str) -> int:
    folder = desk.vintage_path(workspace)
    with workspace.connect() as con:
        [(count,)] = con.execute(f"SELECT count(*) FROM '{folder}/rec_{source}.parquet' WHERE closed_on IS NULL").fetchall()
    return int(count)


def test_a_half_file_is_held_and_stops_only_its_own_source(half: Workspace) -> None:
    before = nights(half, NIGHTS[0], NIGHTS[-2])[-1]
    assert before.verdict.exit_code in {0, 4}
    people = live(half, "police")
    [night] = nights(half, NIGHTS[-1], NIGHTS[-1])
    assert night.verdict.exit_code == 3
    assert any("RC-G01" in line and "police" in line for line in night.verdict.lines)
    assert night.vintage is not None
    assert live(half, "police") == people, "the held file closed somebody"
    fresh = {row["source"]: row["delivered_through"] for row in desk.status(half)["sources"]}
    assert fresh["police"] < MONTHLY_FULL
    assert fresh["death"] == MONTHLY_FULL
    assert {h["gate"] for h in desk.Casework(half).holds(all_of_them=False)} >= {"missing_keys"}


def test_one_person_cannot_override_a_hold_and_two_can(half: Workspace) -> None:
    people = live(half, "police")
    held = [h["hold_id"] for h in desk.Casework(half).holds(all_of_them=False)]
    first, second = desk.Casework(half, "li.na", "county moved away"), desk.Casework(half, "zhang.wei", "seen the letter")
    for hold in held:
        first.override(hold)
        with pytest.raises(UsageError, match="RC-H03"):
            first.override(hold)
        second.override(hold)
    [night] = nights(half, NIGHTS[-1], NIGHTS[-1])
    assert not night.repeated
    assert live(half, "police") < people
    assert desk.Casework(half).holds(all_of_them=False) == []


def test_the_record_of_it_verifies(half: Workspace) -> None:
    assert desk.Casework(half).verify_audit(None)["problems"] == []


def test_no_night_is_built_on_a_broken_chain(half: Workspace, tmp_path: Path) -> None:
    """Somebody takes the last audit entry away: the next night stops, and the vintage that proves it stays."""
    shutil.copytree(half.data, tmp_path / "data")
    workspace = at(tmp_path / "data", Path(half.inbox))
    vintages = sorted(p.name for p in workspace.vintages.iterdir())
    with sqlite3.connect(workspace.data / "control.sqlite") as con:
        for (trigger,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            con.execute(f'DROP TRIGGER "{trigger}"')
        con.execute("DELETE FROM audit WHERE seq IN (SELECT seq FROM audit ORDER BY seq LIMIT 1 OFFSET 3)")
    with pytest.raises(AuditError):
        nights(workspace, NIGHTS[-1], NIGHTS[-1])
    assert sorted(p.name for p in workspace.vintages.iterdir()) == vintages
