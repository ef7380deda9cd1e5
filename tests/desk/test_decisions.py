"""A decision of people, from the command to the night that keeps it and the night after it was taken back."""

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.desk.explain import explain
from pipelines.desk.paths import explain_pair, person_chart
from pipelines.desk.unmasked import Look
from pipelines.desk.vintages import ask, vintage_path
from pipelines.errors import UsageError
from pipelines.flow import run_nights
from pipelines.night.workspace import Workspace
from tests.desk.conftest import World

MASKED = Look()


@pytest.fixture(scope="module")
def desk(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A copy of the world, on which nights go on."""
    data = tmp_path_factory.mktemp("decisions") / "data"
    shutil.copytree(world.workspace.data, data)
    return World(Workspace(world.workspace.deployment, data, world.workspace.inbox), world.truth, world.nights)


def decide(world: World, *arguments: str, by: str = "li.na") -> Any:
    return CliRunner().invoke(app, ["decisions", *arguments, "--by", by, "--reason", "both papers seen", *world.options])


def night(world: World, days: int) -> dict[str, Any]:
    """The next night, without deliveries; gives what it did to the index."""
    day = world.nights[1] + timedelta(days=days)
    list(run_nights(world.workspace, day, day, now=lambda: f"{day}T02:00:00+00:00"))
    identity: dict[str, Any] = json.loads((vintage_path(world.workspace) / "run.json").read_text(encoding="utf-8"))["identity"]
    return identity


def person_of(world: World, record: str) -> str:
    sql = "SELECT person_id FROM {person_records} WHERE concat_ws('|', source, record_key, role) = ?"
    [row] = ask(world.workspace, vintage_path(world.workspace), sql, [record])
    return str(row["person_id"])


def two_men(world: World) -> tuple[str, str]:
    """Entries of two men in one register: two persons."""
    [row] = world.ask("""
        SELECT min(concat_ws('|', source, record_key, role)) AS a, max(concat_ws('|', source, record_key, role)) AS b
        FROM {observations} WHERE source = 'police' AND role = 'self' AND sex = 'M'
    """)
    return str(row["a"]), str(row["b"])


def one_person(world: World) -> tuple[str, str]:
    """Two records that likeness joined."""
    [row] = world.ask("""
        WITH p AS (SELECT obs_id(source, record_key, role) AS id, concat_ws('|', source, record_key, role) AS record FROM {person_records})
        SELECT l.record AS a, r.record AS b FROM {links} JOIN p l ON l.id = obs_id_l JOIN p r ON r.id = obs_id_r
        WHERE accepted AND tier = 3 AND probability > 0.999 ORDER BY 1, 2 LIMIT 1
    """)
    return str(row["a"]), str(row["b"])


def test_decisions_are_kept_by_the_night_and_undone_when_withdrawn(desk: World) -> None:
    """Two men become one id and the other id leads to it; one person is parted; taken back, all is as it was, and stays so."""
    men, kin, parted = two_men(desk), one_person(desk), partition(desk)
    before, one = {person_of(desk, record) for record in men}, person_of(desk, kin[0])
    asked = decide(desk, "link", "must_link", *men)
    assert "somebody else has to" in asked.output
    assert "two persons" in asked.output
    assert "in force from the next night on" in decide(desk, "link", "must_link", *men, by="zhang.wei").output
    assert f"one person, {one}" in decide(desk, "link", "cannot_link", *kin).output
    assert night(desk, 1)["merged"] == 1
    assert len({person_of(desk, record) for record in men}) == 1
    assert len({person_of(desk, record) for record in kin}) == 2
    merged, split = (explain_pair(desk.workspace, *pair, MASKED) for pair in (men, kin))
    [decision], [refused] = merged["tables"]["decisions"], split["tables"]["decisions"]
    assert (decision["kind"], decision["decided_by"], decision["second"]) == ("must_link", "li.na", "zhang.wei")
    assert decision["reason"] == "both papers seen"
    assert merged["tables"]["links"][0]["rule"] == "must_link"
    assert "由人工决定不是同一人" in split["sentences"][0]
    [gone] = before - {person_of(desk, men[0])}
    redirect_holds(desk, gone, person_of(desk, men[0]))
    for each in (decision, refused):
        assert decide(desk, "withdraw", each["decision_id"]).exit_code == 0
    night(desk, 2)
    assert partition(desk) == parted
    assert {person_of(desk, record) for record in kin} == {one}
    assert person_of(desk, men[0]) in before or person_of(desk, men[1]) in before
    assert explain_pair(desk.workspace, *men, MASKED)["tables"]["decisions"][0]["status"] == "withdrawn"
    identity = night(desk, 3)
    assert {identity[name] for name in ("merged", "split", "created", "retired", "records_moved")} == {0}


def redirect_holds(world: World, gone: str, now: str) -> None:
    """An id that was merged leads to the person, everywhere."""
    told = explain(world.workspace, gone)
    assert f"{gone} was merged on" in told["headline"]
    assert f"now {now}" in told["headline"]
    assert told["tables"]["records"] == explain(world.workspace, now)["tables"]["records"]
    assert {row["person_id"] for row in told["tables"]["history"]} == {gone, now}
    assert Path(person_chart(world.workspace, gone, world.workspace.data.parent / "gone.html")).is_file()


@pytest.mark.parametrize(
    ("left", "code"),
    [("police|no such entry|self", "RC-U07"), ("PERSON", "RC-U13"), ("MARRIAGE", "RC-M40")],
)
def test_a_decision_about_nothing_that_is_held_is_refused(desk: World, left: str, code: str) -> None:
    """A slip of the pen would stand as a decision in force that decides nothing."""
    [row] = desk.ask("SELECT min(person_id) AS p, min(record_key) FILTER (source = 'marriage') AS m FROM {person_records}")
    [other] = desk.ask("SELECT concat_ws('|', source, record_key, role) AS r FROM {person_records} WHERE source = 'police' ORDER BY 1 LIMIT 1")
    given = {"PERSON": str(row["p"]), "MARRIAGE": f"marriage|{row['m']}"}.get(left, left)
    before = listed(desk)
    done = decide(desk, "link", "must_link", given, str(other["r"]))
    assert isinstance(done.exception, UsageError)
    assert done.exception.code == code
    assert listed(desk) == before


def partition(world: World) -> set[str]:
    """Which records are one person's, whatever the ids."""
    sql = "SELECT string_agg(concat_ws('|', source, record_key, role), ' ' ORDER BY ALL) AS one FROM {person_records} GROUP BY person_id"
    return {str(row["one"]) for row in ask(world.workspace, vintage_path(world.workspace), sql.replace("ORDER BY ALL", "ORDER BY 1"))}


def listed(world: World) -> str:
    return CliRunner().invoke(app, ["decisions", "list", "--json", *world.options]).output
