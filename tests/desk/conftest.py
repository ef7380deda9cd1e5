"""A small world, its first night and a night on which nothing was delivered; tests only read it."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from data_samples.simulator import simulate
from pipelines.desk.vintages import ask, vintage_path
from pipelines.flow import run_nights
from pipelines.night.workspace import Workspace
from pipelines.settings import load_deployment

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class World:
    """A workspace with two vintages, and the truth."""

    workspace: Workspace
    truth: Path
    nights: tuple[date, date]

    @property
    def options(self) -> list[str]:
        """What every command needs."""
        return ["--data", str(self.workspace.data), "--deployment", str(self.workspace.deployment.folder)]

    @property
    def folder(self) -> Path:
        """The current vintage."""
        return vintage_path(self.workspace)

    def ask(self, sql: str) -> list[dict[str, object]]:
        """Rows of a query over the current vintage."""
        return ask(self.workspace, self.folder, sql)

    def personal(self) -> set[str]:
        """Every full name and number of the world."""
        rows = pd.DataFrame(self.ask("SELECT DISTINCT name, id_text FROM {observations}"))
        return {v for column in rows for v in rows[column].dropna() if len(v) > 2 and "*" not in v}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """500 people, one night of deliveries, one night without."""
    folder = tmp_path_factory.mktemp("desk")
    simulate(500, 1, 7, folder)
    [first] = [date.fromisoformat(night) for night in json.loads((folder / "nights.json").read_text())]
    nights = first, first + timedelta(days=1)
    workspace = Workspace(load_deployment(ROOT / "deployments" / "yunzhou"), folder / "data", str(folder / "inbox"))
    list(run_nights(workspace, *nights, now=lambda: f"{nights[1]}T02:00:00+00:00"))
    return World(workspace, folder / "truth", nights)
