"""Clusters against clusters: the best of several tries counts, and counts for less than a first try."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from matching.average import cluster_pairs
from matching.engines import get_engine
from matching.model import Block, Comparison, Label, Level, LinkageModel, TermFrequency, Thresholds
from matching.predicates import Key, parse
from matching.profiles import join_profiles, profile_pairs
from matching.score import to_weight

LABEL = Label("某", "it")


def comparison(name: str, u: float, frequency: TermFrequency | None = None) -> Comparison:
    return Comparison(
        name,
        (
            Level("missing", parse(f"any_null({name})"), LABEL, is_null=True),
            Level("same", parse(f"exact({name})"), LABEL, m=0.8, u=u, term_frequency=frequency),
            Level("other", None, LABEL, m=0.2, u=1 - u),
        ),
        LABEL,
    )


@pytest.fixture(scope="module")
def model() -> LinkageModel:
    comparisons = (comparison("name", 0.01), comparison("birth", 0.001), comparison("home", 0.05, TermFrequency("home")))
    blocks = tuple(Block((Key(column),)) for column in ("name", "birth", "home"))
    return LinkageModel("profiles", 1, 0.001, Thresholds(0.5, 0.5, 0.01), blocks, comparisons)


def records(*rows: tuple[str | None, str | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["name", "birth", "home"]).assign(id=range(len(rows)))


def clusters(*names: int) -> pd.DataFrame:
    return pd.DataFrame({"id": range(len(names)), "cluster": names})


PERSON = [("ann bell", "1901-02-03", "york"), ("ann bell", "1901-02-03", "leeds"), ("ann ball", "1901-02-03", "york")]
SAME = {"name": np.log2(0.8 / 0.01), "birth": np.log2(0.8 / 0.001)}
OTHER = {"name": np.log2(0.2 / 0.99), "birth": np.log2(0.2 / 0.999)}
CASES = {
    # the record that is left, and what it says with a person of three records; 2 names, 1 birth, 2 homes are the tries
    "nothing but a name": (("ann bell", None, None), SAME["name"] - 1),
    "a name and a birth, each of another record": (("ann ball", "1901-02-03", None), SAME["name"] - 1 + SAME["birth"]),
    "a name, and another birth": (("ann bell", "1950-05-05", None), SAME["name"] - 1 + OTHER["birth"]),
    "a home that most records have, two tries: worth nothing": ((None, "1901-02-03", "york"), SAME["birth"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_best_agreement_counts_less_the_tries(case: str, model: LinkageModel) -> None:
    left_over, weight = CASES[case]
    table = records(*PERSON, left_over)
    pairs = get_engine("duckdb").score_pairs(table, None, model).pairs
    for order in (1, -1):
        found = profile_pairs(table[::order], pairs.take(np.arange(pairs.num_rows)[::order]), clusters(0, 0, 0, 3), model)
        assert found[["id_l", "id_r"]].to_numpy().tolist() == [[0, 3]]
        assert to_weight(found["probability"].item()) - to_weight(model.prior) == pytest.approx(weight)


def test_a_record_that_no_single_record_explains_joins_its_person(model: LinkageModel) -> None:
    person = [("ann bell", "1901-02-03", None)] * 2 + [("amn bel", "1901-02-03", "hull")] * 2
    strangers = [(f"tom reed {n}", f"18{n}-01-01", f"town {n}") for n in range(10, 19)]
    table, often = records(*person, ("ann bell", None, "hull"), *strangers), replace(model, prior=0.01)
    pairs = get_engine("duckdb").score_pairs(table, None, often).pairs
    first = cluster_pairs(pairs, join=0.5, ids=table["id"].to_numpy())
    assert first["cluster"].tolist()[:5] == [0, 0, 0, 0, 4]
    joined = join_profiles(table, pairs, first, often, join=0.5)
    assert joined["cluster"].tolist() == [0, 0, 0, 0, 0, *range(5, 14)]
    assert joined["id"].tolist() == first["id"].tolist()


def test_without_pairs_between_clusters_nothing_changes(model: LinkageModel) -> None:
    table = records(*PERSON)
    pairs = get_engine("duckdb").score_pairs(table, None, model).pairs
    together = clusters(0, 0, 0)
    assert profile_pairs(table, pairs, together, model).empty
    pd.testing.assert_frame_equal(join_profiles(table, pairs, together, model, join=0.5), together)
