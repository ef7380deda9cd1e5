"""Invariant 2: killed by kill -9 at every step boundary, then run again, a night ends as if nothing had happened."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import desk
from pipelines.flow import STEPS, NightResult
from pipelines.night.workspace import Workspace
from tests.flow.conftest import NIGHTS, ROOT

BOUNDARIES = ("start", "written", "done")
POINTS = [f"{s.name}-police.{b}" if s.per_source else f"{s.name}.{b}" for s in STEPS for b in BOUNDARIES] + [
    "publish.built",
    "publish.renamed",
    "publish.committed",
]


def run_second_night(workspace: Workspace, failpoint: str = "") -> int:
    command = [sys.executable, "-m", "pipelines", "run", "--date", NIGHTS[1].isoformat(), "--json"]
    command += ["--data", str(workspace.data), "--inbox", workspace.inbox]
    environment = os.environ | ({"ROLLCALL_FAILPOINT": f"{failpoint}:kill"} if failpoint else {})
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode


def contents(vintage: Path) -> dict[str, str]:
    return {name: table["content"] for name, table in json.loads((vintage / "run.json").read_text())["tables"].items()}


def test_killed_at_every_boundary(copy_of_sample: Callable[[int], Workspace], sample: tuple[Workspace, list[NightResult]]) -> None:
    workspace = copy_of_sample(1)
    first = desk.vintage_path(workspace)
    for point in POINTS:
        assert run_second_night(workspace, point) == -signal.SIGKILL, f"{point} was not reached"
        current = desk.vintage_path(workspace)
        assert (current == first) == (point != "publish.committed"), f"after {point} the current vintage is the wrong one"
        assert set(contents(current)) >= {"person_records", "findings", "ledger"}
    assert run_second_night(workspace) in {0, 4}
    undisturbed = sample[1][1].vintage
    assert undisturbed is not None
    assert contents(desk.vintage_path(workspace)) == contents(undisturbed.path)
    assert len(desk.vintages(workspace)) == 2
    assert not [p for p in workspace.vintages.iterdir() if p.name.startswith(".")]


@pytest.mark.slow
def test_killed_at_every_boundary_of_every_source(copy_of_sample: Callable[[int], Workspace]) -> None:
    workspace = copy_of_sample(1)
    for source in workspace.deployment.sources:
        for step in ("receive", "validate", "standardise"):
            assert run_second_night(workspace, f"{step}-{source}.written") == -signal.SIGKILL
    assert run_second_night(workspace) in {0, 4}
