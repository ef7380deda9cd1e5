"""Retention takes away what nobody needs: never what a reader, a run or the evidence of a case stands on, and never without a record."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import desk
from pipelines.errors import AuditError, UsageError
from pipelines.flow import commit_run, open_run
from pipelines.night.retention import prunable
from pipelines.night.workspace import Workspace
from pipelines.publish.evidence.verify import verify
from pipelines.settings import RetentionConfig
from pipelines.step import RunPin
from pipelines.storage.control import ControlDatabase
from tests.flow.conftest import NIGHTS, fixed_clock, nights


@pytest.fixture
def full(copy_of_sample: Callable[[int], Workspace]) -> Workspace:
    """Three nights, of which retention keeps one, and no landed bytes for their age's sake."""
    stands = copy_of_sample(len(NIGHTS))
    config = stands.deployment.config.model_copy(update={"retention": RetentionConfig(vintages=1, landing_days=0)})
    return Workspace(stands.deployment.model_copy(update={"config": config}), stands.data, stands.inbox)


def files(folder: Path) -> set[str]:
    """All but what SQLite keeps beside a database while somebody reads it."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {name for name in found if not name.endswith(("-wal", "-shm"))}


def test_what_goes_and_what_stays(full: Workspace, tmp_path: Path) -> None:
    before = files(full.data)
    said = desk.prune(full, "li.na", dry_run=True)
    assert files(full.data) == before, "a dry run wrote"
    first, parent, current = (row["vintage"] for row in desk.vintages(full))
    assert said["vintages"] == [first]
    assert said["files"] > 0
    assert {"what": parent, "why": "the current vintage is compared with it"} in said["needed"]

    assert desk.prune(full, "li.na", dry_run=False) == {**said, "dry_run": False}
    gone = before - files(full.data)
    assert {path.split("/")[0] for path in gone} == {"landing", "vintages"}
    assert {path.split("/")[1] for path in gone if path.startswith("vintages")} == {first}
    assert sum(path.startswith("landing") for path in gone) == said["files"]
    assert not [path for path in gone if path.startswith("landing/deliveries")], "a manifest went"
    assert {path.name for path in full.vintage(first).iterdir()} == {"run.json", "summary.json", "pruned.json"}

    assert desk.vintage_path(full).name == current
    with pytest.raises(UsageError, match="RC-U03"):
        desk.vintage_path(full, NIGHTS[0])
    assert desk.run_report(full, NIGHTS[0])["identity"]["created"] > 0, "what the night did is told from run.json, which stays"
    assert desk.prune(full, "li.na", dry_run=False)["files"] == 0, "there was more to take away"
    assert nights(full, NIGHTS[-1], NIGHTS[-1])[0].repeated
    case = ControlDatabase(full.control_url).list_cases(code="D03")[0]["case_id"]
    assert verify(desk.evidence_pack(full, case, tmp_path / "packs").with_suffix(""), Path(full.landing)) == []


def test_it_is_on_record(full: Workspace, tmp_path: Path) -> None:
    control = ControlDatabase(full.control_url)
    said = desk.prune(full, "li.na", dry_run=False)
    assert control.verify_audit(full.vintages) == []
    control.export_chain(tmp_path / "chain.jsonl")
    [entry] = [e for e in map(json.loads, (tmp_path / "chain.jsonl").read_text().splitlines()) if e["action"] == "retention.pruned"]
    assert entry["actor"] == "li.na"
    assert json.loads(entry["payload"])["vintages"] == said["vintages"]
    assert json.loads(entry["payload"])["files"] == said["files"]


def test_a_pinned_run_keeps_its_parent(full: Workspace) -> None:
    first = desk.vintages(full)[0]["vintage"]
    control = ControlDatabase(full.control_url)
    control.start_run(RunPin(NIGHTS[-1], "R20260201-00000000", first, "", ""), fixed_clock())
    found = prunable(full, control)
    assert found.vintages == ()
    assert found.needed[first] == "run R20260201-00000000 is pinned to it"


def test_a_vintage_half_taken_away_is_no_vintage_and_the_next_call_ends_it(full: Workspace) -> None:
    first = full.vintage(desk.vintages(full)[0]["vintage"])
    (first / "pruned.json").write_text("{}")
    assert not desk.vintages(full)[0]["whole"]
    assert desk.prune(full, "li.na", dry_run=False)["vintages"] == [first.name]
    assert not list(first.glob("*.parquet"))


def test_an_orchestrated_night_asks_for_the_chain_when_it_opens_and_when_it_ends(full: Workspace) -> None:
    """Somebody puts an older vintage's anchor right between the first and the last task."""
    run = open_run(full, NIGHTS[-1], fixed_clock())
    anchor = full.vintage(desk.vintages(full)[0]["vintage"]) / "run.json"
    anchor.write_text(json.dumps(json.loads(anchor.read_text()) | {"audit_head": {"count": 1, "hash": "0" * 64}}))
    with pytest.raises(AuditError):
        commit_run(full, run, fixed_clock)
    with pytest.raises(AuditError):
        open_run(full, NIGHTS[-1], fixed_clock())
