"""Every planted discrepancy of the first ten rules is found on the bundled samples, and no planted innocent is flagged."""

import pytest

from pipelines import desk
from pipelines.flow import NightResult
from pipelines.night.workspace import Workspace
from tests.flow.conftest import SAMPLES

FIRST_TEN = ("D01", "D02", "D03", "B01", "B03", "I01", "I02", "I03", "M02", "P02")


@pytest.fixture(scope="module")
def quality(sample: tuple[Workspace, list[NightResult]]) -> dict[str, dict[str, float]]:
    report = desk.evaluate(sample[0], SAMPLES / "truth")
    by_code = {rule["code"]: rule for rule in report["rules"]}
    return by_code | {"everything": by_code["all"], "all": {"innocents": report["innocents_flagged"]}}


@pytest.mark.parametrize("code", FIRST_TEN)
def test_what_was_planted_is_found(quality: dict[str, dict[str, float]], code: str) -> None:
    assert quality[code]["recall"] == 1.0


def test_hardly_anything_else_is_found(quality: dict[str, dict[str, float]]) -> None:
    """Over all rules; what remains comes from a record that no evidence joins to its person."""
    assert quality["everything"]["precision"] >= 0.99


def test_no_innocent_is_flagged(quality: dict[str, dict[str, float]]) -> None:
    assert quality["all"]["innocents"] == 0


def test_nobody_is_merged_with_a_twin(sample: tuple[Workspace, list[NightResult]]) -> None:
    assert desk.evaluate(sample[0], SAMPLES / "truth")["false_merges"]["of_twins"] == 0
