"""One published night for all tests that only look at it."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.publish import run
from pipelines.step import StepContext
from tests.publish.world import World


@dataclass(frozen=True)
class Published:
    """A world, the context it was published from, and the folder of outputs."""

    world: World
    ctx: StepContext
    out: Path


def publish(world: World, folder: Path) -> Published:
    """Run the step over a world."""
    ctx = world.context(folder)
    run(ctx)
    return Published(world, ctx, ctx.outputs)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A later night: new, kept, reopened, fixed and otherwise closed cases."""
    return publish(World(people=60, case_every=3).build().night_before(), tmp_path_factory.mktemp("later"))


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The first night of all: nothing to compare with."""
    world = World(people=12, case_every=3).build()
    for table in ("previous.cases", "previous.findings"):
        world.rows.pop(table, None)
    return publish(world, tmp_path_factory.mktemp("first"))
