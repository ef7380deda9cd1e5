"""Subgroups, thresholds, who can't be linked, and one engine against another."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from pipelines.desk.challenger import challenge_engine
from pipelines.desk.quality import SUBGROUPS, compare_models, evaluate
from pipelines.desk.thresholds import threshold_chart, unlinkable
from pipelines.errors import ConfigError, UsageError
from pipelines.flow import run_nights
from pipelines.night.workspace import Workspace
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
    with pytest.raises(UsageError, match=r"RC-M31.*spark"):
        challenge_engine(world.workspace, "abacus", 200)


def test_spark_without_java_is_one_clear_line(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As a challenger, and before a night reads anything."""
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(ConfigError, match=r"RC-C32.*java"):
        challenge_engine(world.workspace, "spark", 200)
    deployed = world.workspace.deployment
    by_spark = deployed.model_copy(update={"config": deployed.config.model_copy(update={"engine": "spark"})})
    workspace = Workspace(by_spark, tmp_path / "data", world.workspace.inbox)
    with pytest.raises(ConfigError, match=r"RC-C32.*java"):
        list(run_nights(workspace, *world.nights, now=lambda: "2026-02-02T02:00:00+00:00"))
    assert not workspace.work.exists() or not list(workspace.work.iterdir())


def test_mistakes_are_named_by_id(world: World, tmp_path: Path) -> None:
    """A truth in which two people were one, and one was two, is told apart from ours by id."""
    records = pd.read_parquet(world.truth / "records.parquet")
    sizes = records[records["source"] != "census"].dropna(subset="person").groupby("person").size()
    one, two, torn = sizes.sort_values(ascending=False).index[:3]
    records.loc[records["person"] == two, "person"] = one
    half = records.index[records["person"] == torn][::2]
    records.loc[half, "person"] = "somebody else"
    shutil.copytree(world.truth, tmp_path / "truth")
    records.to_parquet(tmp_path / "truth" / "records.parquet")
    right, found = (evaluate(world.workspace, truth, repeats=5) for truth in (world.truth, tmp_path / "truth"))
    assert found["false_merges"]["persons"] == right["false_merges"]["persons"] + 1
    assert found["false_merges"]["held_apart"] >= right["false_merges"]["held_apart"] + 1
    [mixed] = [row for row in found["mistakes"] if row["what"] == "mixed" and row["true_persons"] == 2]
    assert world.ask(f"SELECT 1 FROM {{person_records}} WHERE person_id = '{mixed['persons']}' LIMIT 1")
    apart = [row for row in found["mistakes"] if row["what"] == "held apart"]
    assert all(len(row["persons"].split()) > 1 for row in apart)
    assert {row["measure"] for row in found["headline"]} == {"pairwise", "b_cubed", "cluster"}
    assert all(row["f1_low"] <= row["f1"] <= row["f1_high"] for row in found["headline"])


def test_the_truth_of_another_world_is_refused(world: World, tmp_path: Path) -> None:
    """Some keys are in every world: figures of those few records would look like figures."""
    records = pd.read_parquet(world.truth / "records.parquet")
    records.loc[records.index[::3], "record_key"] += "x"
    records.loc[records.index[1::3], "record_key"] += "y"
    shutil.copytree(world.truth, tmp_path / "truth")
    records.to_parquet(tmp_path / "truth" / "records.parquet")
    with pytest.raises(UsageError, match="RC-U38"):
        evaluate(world.workspace, tmp_path / "truth")


def test_a_model_that_is_not_there_is_a_clear_line(world: World, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="RC-C30"):
        compare_models(world.workspace, world.truth, tmp_path / "none.yml")


def test_a_candidate_is_held_against_the_truth_beside_the_deployed_model(world: World, tmp_path: Path) -> None:
    """A model that joins nobody by likeness finds fewer of a person's records."""
    deployed = world.workspace.deployment.file("model.yml").read_text(encoding="utf-8")
    (tmp_path / "strict.yml").write_text(re.sub(r"thresholds: .*", "thresholds: {join: 1.0, break: 1.0, review: 1.0}", deployed), encoding="utf-8")
    rows = [row for row in compare_models(world.workspace, world.truth, tmp_path / "strict.yml") if row["of"] == "all records"]
    assert [row["model"] for row in rows] == ["deployed", "candidate"]
    assert rows[1]["recall"] < rows[0]["recall"] - 0.1
