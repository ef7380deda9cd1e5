"""Sentences and waterfalls say what the weights say."""

from __future__ import annotations

import pyarrow as pa
import pytest

from matching.compare.standard import birth_date, exact, short_name
from matching.engines import get_engine
from matching.explain import percent, sentences, waterfall, waterfall_svg
from matching.model import Block, Label, LinkageModel, Thresholds
from matching.predicates import Key
from matching.score import to_weight
from tests.matching.conftest import people


@pytest.fixture(scope="module")
def simple() -> LinkageModel:
    comparisons = (
        short_name("name", Label("姓名", "name"), floor=0.01),
        birth_date("birth", Label("出生日期", "date of birth")),
        exact("sex", Label("性别", "sex")),
    )
    return LinkageModel("simple", 1, 0.01, Thresholds(0.9, 0.8, 0.5), (Block((Key("sex"),)),), comparisons)


def test_a_sentence_names_the_evidence_strongest_first(simple: LinkageModel) -> None:
    pairs = pa.table(
        {
            "name_level": pa.array([2, -1], pa.int8()),
            "birth_level": pa.array([4, 0], pa.int8()),
            "sex_level": pa.array([-1, 1], pa.int8()),
            "weight": [21.25, -3.5],
            "probability": [0.99999, 0.05],
        }
    )
    assert sentences(pairs, simple, "zh") == [
        "出生日期相同、姓名差一字，支持为同一人；性别缺失。权重 21.2 比特，概率 >99.99%。",
        "性别相同，支持为同一人；出生日期不同，不支持；姓名缺失。权重 -3.5 比特，概率 5.00%。",
    ]
    assert sentences(pairs, simple, "en") == [
        "For one person: date of birth the same, name one character apart; not known: sex missing. Weight 21.2 bits, probability >99.99%.",
        "For one person: sex the same; against: date of birth different; not known: name missing. Weight -3.5 bits, probability 5.00%.",
    ]


def test_a_waterfall_ends_at_the_weight_of_the_pair(simple: LinkageModel) -> None:
    pairs = get_engine("duckdb").score_pairs(people(3, 60), None, simple).pairs.to_pylist()
    assert len(pairs) > 50
    for pair in pairs:
        levels = {comparison.name: pair[f"{comparison.name}_level"] for comparison in simple.comparisons}
        steps = waterfall(levels, pair["weight"], simple)
        assert steps[-1].total == pytest.approx(pair["weight"] + to_weight(simple.prior))
        assert sum(step.weight for step in steps) == pytest.approx(steps[-1].total)
        assert (steps[-1].name == "frequency") == (levels["name"] == 3)


def test_the_chart_is_a_picture_with_the_labels(simple: LinkageModel) -> None:
    picture = waterfall_svg(waterfall({"name": 3, "birth": 4, "sex": 0}, 25.0, simple), "zh")
    assert picture.startswith("<svg")
    assert "出生日期相同" in picture


def test_the_chart_ends_with_the_sum_and_shows_silence_as_silence(simple: LinkageModel) -> None:
    steps = waterfall({"name": -1, "birth": 4, "sex": 0}, 25.0, simple)
    picture = waterfall_svg(steps, "en")
    assert "together" in picture
    assert f"{steps[-1].total:+.1f} = {percent(2 ** steps[-1].total / (1 + 2 ** steps[-1].total))}" in picture.replace("&gt;", ">")
    assert "+0.0" not in picture
    assert ">–<" in picture


@pytest.mark.parametrize(("value", "text"), [(1.0, ">99.99%"), (0.9999, "99.99%"), (0.123456, "12.35%"), (0.0, "<0.01%")])
def test_percent_never_claims_certainty(value: float, text: str) -> None:
    assert percent(value) == text
