"""The bundled world, read once."""

from pathlib import Path

import pandas as pd
import pytest

from tests.simulator.reader import Folder, read_inbox

ROOT = Path(__file__).parents[2] / "data_samples" / "yunzhou"


@pytest.fixture(scope="session")
def bundle() -> Path:
    """Folder of the bundled world."""
    return ROOT


@pytest.fixture(scope="session")
def inbox(bundle: Path) -> dict[str, list[Folder]]:
    """All deliveries by source."""
    return read_inbox(bundle)


def _truth(name: str) -> pd.DataFrame:
    return pd.read_parquet(ROOT / "truth" / f"{name}.parquet")


@pytest.fixture(scope="session")
def records() -> pd.DataFrame:
    """Whose record is whose."""
    return _truth("records")


@pytest.fixture(scope="session")
def anomalies() -> pd.DataFrame:
    """True discrepancies."""
    return _truth("anomalies")


@pytest.fixture(scope="session")
def innocents() -> pd.DataFrame:
    """Innocent look-alikes."""
    return _truth("innocents")


@pytest.fixture(scope="session")
def persons() -> pd.DataFrame:
    """True lives."""
    return _truth("persons")
