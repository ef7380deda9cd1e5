"""A world of nights over each kind of control database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.storage.control import ControlDatabase
from tests.cases.world import World


@pytest.fixture
def world(control_url: str, tmp_path: Path) -> Iterator[World]:
    with ControlDatabase(control_url) as control:
        world = World(tmp_path, control)
        yield world
        world.engine.close()
