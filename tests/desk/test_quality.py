"""Subgroups, thresholds, who can't be linked, and one engine against another."""

import re
from pathlib import Path

import pytest

from pipelines.desk.challenger import challenge_engine
from pipelines.desk.quality import SUBGROUPS, compare_models, evaluate
from pipelines.desk.thresholds import threshold_chart, unlinkable
from pipelines.errors import UsageError
from tests.desk.conftest import World


def test_every_subgroup_has_figures_with_intervals(world: World) -> None:
    report = evaluate(world.workspace, world.truth, subgroups=True, repeats=20)
    groups = {row["subgroup"].split()[0]: row for row in report["subgroups"]}
    assert set(groups) == {"all", *SUBGROUPS}
    names = {row["subgroup"] for row in report["subgroups"]}
    assert {"name_kind minority", "number none", "source census", "sex F", "age 0+"} <= names
    for row in report["subgroups"]:
        assert row["low"] <= row["b_cubed_f1"] + 1e-9
        assert row["b_cubed_f1"] <= row["high"] + 1e-9
        assert min(row["precision"], row["recall"]) <= row["b_cubed_f1"] + 1e-4


def test_thresholds_as_rows_and_as_a_picture(world: World, tmp_path: Path) -> None:
    rows = evaluate(world.workspace, world.truth, thresholds=True)["thresholds"]
    recalls = [row["recall"] for row in rows]
    assert recalls == sorted(recalls, reverse=True)
    assert rows[0]["links"] > 100
    assert rows[0]["recall"] > 0.8
    for name in ("chart.svg", "chart.html"):
        text = threshold_chart(world.workspace, rows, tmp_path / name).read_text(encoding="utf-8")
        assert "精确率" in text
        assert "join" in text
        assert "<script" not in text
        assert not re.search(r"(src|href)=\"http", text)
    with pytest.raises(UsageError, match="RC-M30"):
        threshold_chart(world.workspace, rows, tmp_path / "chart.png")


def test_who_is_too_bare_to_be_linked(world: World) -> None:
    rows = {row["of"]: row for row in unlinkable(world.workspace)}
    assert rows["with a valid number"]["unlinkable"] == 0
    assert 0 < rows["without a valid number"]["unlinkable"] < 0.2
    assert rows["all"]["profiles"] == rows["with a valid number"]["profiles"] + rows["without a valid number"]["profiles"]


def test_the_reference_engine_agrees_with_the_deployed_one(world: World) -> None:
    found = challenge_engine(world.workspace, "recordlinkage", 200)
    assert {found["first"], found["second"]} == {"duckdb", "recordlinkage"}
    assert (found["agree"], found["differences"]) == (True, [])
    assert found["pairs"] > 100
    with pytest.raises(UsageError, match="RC-M31"):
        challenge_engine(world.workspace, "abacus", 200)


def test_a_candidate_is_held_against_the_truth_beside_the_deployed_model(world: World, tmp_path: Path) -> None:
    """A model that joins nobody by likeness finds fewer of a person's records."""
    deployed = world.workspace.deployment.file("model.yml").read_text(encoding="utf-8")
    (tmp_path / "strict.yml").write_text(re.sub(r"thresholds: .*", "thresholds: {join: 1.0, break: 1.0, review: 1.0}", deployed), encoding="utf-8")
    rows = [row for row in compare_models(world.workspace, world.truth, tmp_path / "strict.yml") if row["of"] == "all records"]
    assert [row["model"] for row in rows] == ["deployed", "candidate"]
    assert rows[1]["recall"] < rows[0]["recall"] - 0.1
