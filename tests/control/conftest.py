"""A control database of each kind, and frames of the contracts in few words."""

from collections.abc import Iterator

import pytest

from pipelines.storage.control import ControlDatabase


@pytest.fixture
def control(control_url: str) -> Iterator[ControlDatabase]:
    with ControlDatabase(control_url) as database:
        yield database
