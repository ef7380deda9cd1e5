"""Clusters: components, cut where they contradict themselves."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.average import average_link, cluster_pairs
from matching.cluster import Constraint, Decisions, Edges, cluster


def edges(*rows: tuple[int, int, float]) -> Edges:
    left, right, strength = zip(*rows, strict=True) if rows else ((), (), ())
    return Edges(np.array(left, np.int64), np.array(right, np.int64), np.array(strength, np.float64))


def says(name: str, values: dict[int, int], **options: object) -> Constraint:
    return Constraint(name, np.array(list(values), np.int64), np.array(list(values.values()), np.int64), **options)


def pairs_of(*rows: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([a for a, _ in rows], np.int64), np.array([b for _, b in rows], np.int64)


def groups(labels: np.ndarray) -> list[list[int]]:
    return sorted(np.flatnonzero(labels == label).tolist() for label in np.unique(labels))


CASES = {
    # pairs, constraints, decisions, clusters
    "nothing to join": (4, edges(), [], None, [[0], [1], [2], [3]]),
    "a chain without contradiction": (4, edges((0, 1, 0.99), (1, 2, 0.95)), [], None, [[0, 1, 2], [3]]),
    "two numbers at the ends: the weakest edge goes": (
        3, edges((0, 1, 0.99), (1, 2, 0.95)), [says("number", {0: 7, 2: 8})], None, [[0, 1], [2]]),
    "two numbers whose own pair was judged": (
        3, edges((0, 1, 0.99), (1, 2, 0.95), (0, 2, 0.98)), [says("number", {0: 7, 2: 8})], None, [[0, 1, 2]]),
    "two children of one birth, though their pair looks good": (
        3, edges((0, 1, 0.99), (0, 2, 0.98)), [says("certificate", {0: 1, 1: 1, 2: 2}, hard=True)], None, [[0, 1], [2]]),
    "two numbers that an earlier number joins": (
        3, edges((0, 1, 0.99), (1, 2, 0.95)), [says("number", {0: 7, 2: 8}, compatible=lambda a, b: (a, b) == (7, 8))], None, [[0, 1, 2]]),
    "cannot-link cuts the weakest edge between the two": (
        4, edges((0, 1, 0.99), (1, 2, 0.9), (2, 3, 0.95)), [], Decisions(cannot_left=np.array([0]), cannot_right=np.array([3])), [[0, 1], [2, 3]]),
    "must-link wins over a contradiction": (
        2, edges(), [says("number", {0: 7, 1: 8}, hard=True)], Decisions(np.array([0]), np.array([1])), [[0, 1]]),
    "cannot-link wins over must-link": (
        2, edges(), [], Decisions(np.array([0]), np.array([1]), np.array([0]), np.array([1])), [[0], [1]]),
    "a record between two people goes to the stronger": (
        5, edges((0, 1, 0.99), (2, 3, 0.99), (4, 0, 0.97), (4, 2, 0.96)), [says("number", {0: 7, 2: 8})], None, [[0, 1, 4], [2, 3]]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_clusters(case: str) -> None:
    count, found, constraints, decisions, expected = CASES[case]
    assert groups(cluster(count, found, constraints, decisions)) == expected


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_order_of_rows_matters_and_no_cluster_contradicts_itself(data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 12))
    node = st.integers(0, count - 1)
    drawn = data.draw(st.dictionaries(st.tuples(node, node).filter(lambda p: p[0] < p[1]), st.sampled_from([0.9, 0.95, 0.99]), max_size=30))
    values = data.draw(st.dictionaries(node, st.integers(0, 2)))
    cannot = data.draw(st.lists(st.tuples(node, node).filter(lambda p: p[0] != p[1]), max_size=3))
    decisions = Decisions(cannot_left=pairs_of(*cannot)[0], cannot_right=pairs_of(*cannot)[1])
    rows = [(a, b, s) for (a, b), s in drawn.items()]
    labels = cluster(count, edges(*rows), [says("number", values, hard=True)], decisions)
    again = cluster(count, edges(*reversed(rows)), [says("number", values, hard=True)], decisions)
    assert labels.tolist() == again.tolist()
    for members in groups(labels):
        assert len({values[m] for m in members if m in values}) <= 1
    assert not any(labels[a] == labels[b] for a, b in cannot)


def test_average_link_stops_a_chain_that_components_would_fuse() -> None:
    chain = pd.DataFrame({"id_l": [10, 20, 30], "id_r": [20, 30, 40], "probability": [0.99, 0.97, 0.98]})
    assert cluster_pairs(chain, join=0.9, method="single")["cluster"].nunique() == 1
    averaged = cluster_pairs(chain, join=0.9)
    assert dict(zip(averaged["id"], averaged["cluster"], strict=True)) == {10: 10, 20: 10, 30: 30, 40: 30}


def test_average_link_keeps_what_agrees_on_average() -> None:
    triangle = pd.DataFrame({"id_l": [1, 1, 2], "id_r": [2, 3, 3], "probability": [0.99, 0.6, 0.95]})
    assert cluster_pairs(triangle, join=0.7, ids=np.array([1, 2, 3, 4]))["cluster"].tolist() == [1, 1, 1, 4]


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 14), st.integers(0, 10_000), st.sampled_from([0.2, 0.4, 0.6]), st.sampled_from([0.0, 0.1]))
def test_average_link_is_that_of_scipy(count: int, seed: int, join: float, missing: float) -> None:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    chance = np.random.default_rng(seed)
    left, right = np.triu_indices(count, 1)
    strength, known = chance.random(len(left)), chance.random(len(left)) < 0.7
    rows = chance.permutation(np.flatnonzero(known))
    labels = average_link(count, Edges(left[rows], right[rows], strength[rows]), join, missing)
    dense = np.zeros((count, count))
    dense[left, right] = 1 - np.where(known, strength, missing)
    theirs = fcluster(linkage(squareform(dense + dense.T), "average"), 1 - join, "distance")
    assert groups(labels) == groups(theirs)


def test_average_link_settles_ties_by_the_smallest_member() -> None:
    square = edges((0, 1, 0.8), (1, 2, 0.8), (2, 3, 0.8), (0, 3, 0.8))
    assert groups(average_link(4, square, 0.5)) == [[0, 1], [2, 3]]
    assert groups(average_link(4, square.at(np.array([3, 1, 2, 0])), 0.5)) == [[0, 1], [2, 3]]


def test_two_thresholds_keep_what_was_joined() -> None:
    weak = pd.DataFrame({"id_l": [1], "id_r": [2], "probability": [0.93]})
    before = pd.Series({1: "P1", 2: "P1"})
    for method in ("single", "average"):
        assert cluster_pairs(weak, join=0.95, break_=0.9, method=method)["cluster"].tolist() == [1, 2]
        assert cluster_pairs(weak, join=0.95, break_=0.9, method=method, previous=before)["cluster"].tolist() == [1, 1]
