"""A year of simulated nights: every planted discrepancy is exactly one case, keeps its id, and closes in the night its correction arrives."""

from pathlib import Path

import pandas as pd
import pytest

from benchmarks.year import AS_PLANNED, by_rule, judge_lives, run_year
from data_samples.simulator import simulate
from pipelines.flow import NightResult
from pipelines.night.workspace import Workspace
from tests.flow.conftest import SAMPLES

WEEK = 7
COLUMNS = ["code", "subject", "due", "corrected", "cases", "opened_on", "closed_on", "outcome", "verdict"]


def planted_lives(folder: Path, persons: int, nights: int, every: int) -> pd.DataFrame:
    """What became of what was planted, in a world of ``nights`` weekly nights of which each ``every``-th is run."""
    simulate(persons, nights, 3, folder / "world", every=WEEK)
    for _ in run_year(folder / "world", folder / "data", every):
        pass
    lives = judge_lives(folder / "world" / "truth", folder / "data" / "vintages")
    return lives[lives["planted"]]


def astray(lives: pd.DataFrame) -> str:
    """A table of the lives that went otherwise than planned; blank when there are none."""
    wrong = lives[lives["verdict"] != AS_PLANNED]
    return "" if wrong.empty else f"\n{by_rule(lives)}\n\n{wrong[COLUMNS].to_string(index=False)}"


def test_the_bundled_nights(sample: tuple[Workspace, list[NightResult]]) -> None:
    lives = judge_lives(SAMPLES / "truth", sample[0].vintages)
    lives = lives[lives["planted"]]
    assert astray(lives) == ""
    assert set(lives.loc[lives["corrected"].notna(), "code"]) >= {"D01", "D02", "B01", "B02", "I01", "I02", "I03", "I04", "M01", "M02"}


def test_three_nights_far_apart(tmp_path: Path) -> None:
    """A quarter of deliveries in three nights: many of a source in one."""
    lives = planted_lives(tmp_path, 2000, 13, 6)
    assert astray(lives) == ""
    assert lives["code"].nunique() >= 20
    assert lives["corrected"].notna().sum() >= 20


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_year_of_weeks(tmp_path: Path) -> None:
    lives = planted_lives(tmp_path, 2000, 52, 1)
    print(by_rule(lives))
    assert astray(lives) == ""
    assert lives["corrected"].notna().sum() >= 50
    assert lives["due"].nunique() >= 20
