"""Training writes a candidate, never over anything; the report says what it would change; nothing published moves."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from matching import LinkageModel
from pipelines.cli import app
from pipelines.desk.profiles import deployed_model, put_profiles
from pipelines.desk.rehearsal import aside, changes, rehearse
from pipelines.desk.training import Training, train_model
from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase, NewDecision, RecordRef
from tests.desk.conftest import ROOT, World

HOW = Training(date(2026, 2, 2))


def published(workspace: Workspace) -> set[Path]:
    return {p for p in workspace.vintages.rglob("*") if p.is_file()}


def test_a_candidate_is_written_beside_a_report_in_two_languages(world: World, tmp_path: Path) -> None:
    before, deployed = published(world.workspace), deployed_model(world.workspace.deployment)
    done = CliRunner().invoke(app, ["train", "--out", str(tmp_path / "model.yml"), "--seed", str(HOW.seed), "--json", *world.options])
    assert done.exit_code == 0, done.output
    report = json.loads(done.output)
    model = LinkageModel.from_yaml(tmp_path / "model.yml")
    assert (model.version, model.hash) == (deployed.version + 1, report["after"]["hash"])
    assert model.hash != deployed.hash == report["before"]["hash"] == dict(model.training)["from_model"]
    described = dict(model.training)
    assert world.folder.name in described["data"]
    assert str(world.nights[1]) in described["data"]
    assert (described["seed"], described["kept"]) == (str(HOW.seed), "id_number, register")
    assert date.fromisoformat(described["trained_on"])
    assert model.comparison("id_number") == deployed.comparison("id_number")
    assert [b.name for b in model.blocks] == [b.name for b in deployed.blocks]
    text = (tmp_path / "model.report.md").read_text(encoding="utf-8")
    assert all(sentence in text for lines in report["sentences"].values() for sentence in lines)
    assert published(world.workspace) == before
    assert not list((world.workspace.data / "desk").glob(".rehearsal*"))
    found = report["changes"]
    assert found["links_after"] - found["links_before"] == found["links_gained"] - found["links_lost"]
    assert found["persons_after"] - found["persons_before"] == found["persons_split"] - found["persons_merged"]
    with pytest.raises(UsageError, match="RC-M01"):
        train_model(world.workspace, HOW, tmp_path / "model.yml")


def test_the_deployed_model_again_changes_nothing(world: World, tmp_path: Path) -> None:
    deployed = world.workspace.deployment.file(world.workspace.deployment.config.model)
    with aside(world.workspace) as place:
        found = changes(world.workspace, rehearse(world.workspace, place / "a"), rehearse(world.workspace, place / "b", deployed))
    assert found["links_before"] == found["links_after"] > 0
    names = ("links_gained", "links_lost", "persons_merged", "persons_split", "records_moved")
    assert {name: found[name] for name in names} == dict.fromkeys(names, 0)


KILLED = """
import os, signal, sys
from pathlib import Path
from pipelines.desk.rehearsal import aside
from pipelines.night.workspace import Workspace
from pipelines.settings import load_deployment
with aside(Workspace(load_deployment(Path(sys.argv[1])), Path(sys.argv[2]), "")) as place:
    (place / "before").mkdir()
    (place / "before" / "links.parquet").write_bytes(b"somebody's records")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_rehearsal_left_goes_with_the_next_one_and_a_living_one_stays(world: World, tmp_path: Path) -> None:
    workspace = Workspace(world.workspace.deployment, tmp_path / "data", world.workspace.inbox)
    command = [sys.executable, "-c", KILLED, str(workspace.deployment.folder), str(workspace.data)]
    assert subprocess.run(command, check=False, cwd=ROOT).returncode == -9
    [dead] = (workspace.data / "desk").glob(".rehearsal-*")
    with aside(workspace) as living:
        assert not dead.exists()
        with aside(workspace) as second:
            assert living.is_dir()
            assert second != living
        assert not second.exists()
    assert not list((workspace.data / "desk").glob(".rehearsal-*"))


@pytest.mark.parametrize(
    ("how", "code"),
    [
        (Training(date(2026, 2, 2), em_blocks=("name_fold(",)), "RC-M02"),
        (Training(date(2026, 2, 2), em_blocks=("shoe_size",)), "RC-M02"),
        (Training(date(2026, 2, 2), em_blocks=("tokens(names)", "birth_day")), "RC-M02"),
        (Training(date(2026, 2, 2), em_blocks=("died_on, spouse_ids, homes", "birth_day")), "RC-M03"),
        (Training(date(2026, 2, 2), keep=("shoes",)), "RC-M02"),
        (Training(date(2026, 2, 2), decisions=True), "RC-M03"),
    ],
)
def test_what_cannot_be_trained_is_refused(world: World, how: Training, code: str) -> None:
    with pytest.raises(UsageError, match=code):
        train_model(world.workspace, how, None)


def test_other_rules_train_and_what_no_rule_could_teach_is_named(world: World) -> None:
    """A rule on names teaches everything but names."""
    report = train_model(world.workspace, Training(date(2026, 2, 2), em_blocks=("name_fold",)), None)
    assert report["untaught"] == ["name"]
    moved = {row["comparison"] for row in report["weights"] if row["m_after"] != row["m_before"]}
    assert "birth_date" in moved
    assert "name" not in moved
    assert all(any("name" in line and "--block" in line for line in lines) for lines in report["sentences"].values())
    assert report["about"]["vintage"] in report["sentences"]["zh"][1]


def test_a_place_that_cannot_be_written_is_told_before_the_work(world: World, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(UsageError, match="RC-M06"):
        train_model(world.workspace, HOW, tmp_path / "file" / "model.yml")


def test_rules_and_decisions_at_once_are_refused(world: World) -> None:
    done = CliRunner().invoke(app, ["train", "--decisions", "--block", "name_fold", *world.options])
    assert isinstance(done.exception, UsageError)
    assert done.exception.code == "RC-U35"


def test_decisions_move_m_and_are_told(world: World, tmp_path: Path) -> None:
    """Two profiles that people joined although their names differ make unlike names likelier among one person's records."""
    workspace = Workspace(world.workspace.deployment, tmp_path / "data", world.workspace.inbox)
    workspace.prepare()
    workspace.vintages.rmdir()
    workspace.vintages.symlink_to(world.workspace.vintages)
    with (
        closing(sqlite3.connect(world.workspace.data / "control.sqlite")) as stands,
        closing(sqlite3.connect(workspace.data / "control.sqlite")) as copy,
    ):
        stands.backup(copy)
    with workspace.connect() as con:
        put_profiles(con, workspace, world.folder)
        [(left, right)] = con.execute("""
            SELECT min(o.record_key), max(o.record_key) FROM profile p JOIN o ON o.obs_id = p.head
            WHERE o.source = 'police' AND o.role = 'self' AND p.sex = 'M'
        """).fetchall()
    control = ControlDatabase(workspace.control_url)
    sides = RecordRef("police", left, "self"), RecordRef("police", right, "self")
    control.decide_link(NewDecision("must_link", *sides, "seen both papers", "li.na", "zhang.wei"), "2026-02-02T02:00:00+00:00")
    report = train_model(workspace, Training(date(2026, 2, 2), decisions=True, strength=10), None)
    assert report["files"] == []
    [row] = report["decisions"]
    assert (row["kind"], row["decisions"], row["joined_by_sure_tiers"], row["linked_before"]) == ("must_link", 1, 0, 0)
    changed = {r["comparison"]: r for r in report["weights"] if r["m_after"] > r["m_before"]}
    assert changed["name"]["level"] in {"other", "surname", "given", "one_character"}
    assert all(r["u_after"] == r["u_before"] for r in report["weights"])
    assert report["training"]["decisions"] == "1 pairs decided by people"
