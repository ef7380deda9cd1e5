"""The bundled nights, run once for all tests of the flow."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines.flow import NightResult, run_nights
from pipelines.night.workspace import Workspace
from pipelines.settings import load_deployment

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data_samples" / "yunzhou"
NIGHTS = [date.fromisoformat(n) for n in json.loads((SAMPLES / "nights.json").read_text())]


def fixed_clock() -> str:
    """The tests' time of day."""
    return "2026-02-01T02:00:00+00:00"


def at(data: Path, inbox: Path = SAMPLES / "inbox") -> Workspace:
    """A workspace of the sample deployment."""
    return Workspace(load_deployment(ROOT / "deployments" / "yunzhou"), data, str(inbox))


def nights(workspace: Workspace, first: date = NIGHTS[0], last: date = NIGHTS[-1]) -> list[NightResult]:
    """Run the nights."""
    return list(run_nights(workspace, first, last, now=fixed_clock))


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, list[NightResult]]:
    """The sample's three nights; tests only read it."""
    workspace = at(tmp_path_factory.mktemp("sample") / "data")
    return workspace, nights(workspace)


@pytest.fixture
def copy_of_sample(sample: tuple[Workspace, list[NightResult]], tmp_path: Path) -> Callable[[int], Workspace]:
    """A workspace in which the first ``n`` nights stand, free to be changed."""

    def make(count: int) -> Workspace:
        workspace = at(tmp_path / "data")
        if count == len(NIGHTS):
            shutil.copytree(sample[0].data, workspace.data)
        else:
            nights(workspace, NIGHTS[0], NIGHTS[count - 1])
        return workspace

    return make
