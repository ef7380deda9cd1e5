"""Clusters by average link: two clusters are one while their records agree on average, not only at one pair.

Unweighted average linkage (UPGMA; Sokal and Michener 1958) within connected components, over the pairs at hand: a pair that was not
compared, or fell below the floor, counts as ``missing``. One lucky pair then no longer fuses two people, which is what connected
components suffer from. Everything is done by columns: many small clusters are merged in a few rounds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matching.cluster import Constraint, Decisions, Edges, Floats, Ints, cluster
from matching.tables import Table, as_arrow


def cluster_pairs(
    pairs: Table,
    *,
    join: float,
    break_: float | None = None,
    ids: NDArray[Any] | None = None,
    previous: pd.Series | None = None,
    method: str = "average",
    missing: float = 0.0,
    constraints: tuple[Constraint, ...] = (),
    decisions: Decisions | None = None,
) -> pd.DataFrame:
    """Cluster records by scored pairs.

    Args:
        pairs: id_l, id_r, probability; each pair once.
        join: from which probability on (for ``average``: average probability) records become one cluster.
        break_: a pair that stood in one cluster in ``previous`` is kept from this lower probability on. None: as ``join``.
        ids: every record, to get the lonely ones too; None: those of the pairs.
        previous: id -> earlier cluster, for ``break_``.
        method: ``average``; or ``single``: components cut where they contradict themselves (`matching.cluster.cluster`).
        missing: for ``average``, what a pair without a row counts.
        constraints, decisions: for ``single``; nodes are positions in the sorted ids.

    Returns:
        ``id`` (sorted, each once) and ``cluster``, the smallest id of the cluster.

    Raises:
        ValueError: the method is unknown, or ``average`` is given constraints.
    """
    if method not in {"average", "single"}:
        raise ValueError(f"no method {method}; there are average, single")
    if method == "average" and (constraints or decisions):
        raise ValueError("average link takes no constraints; use method='single'")
    table = as_arrow(pairs, ["id_l", "id_r", "probability"])
    left, right = (table[name].to_numpy() for name in ("id_l", "id_r"))
    known = np.unique(np.concatenate([left, right])) if ids is None else np.unique(ids)
    edges = Edges(np.searchsorted(known, left), np.searchsorted(known, right), table["probability"].to_numpy().astype(np.float64))
    edges = _strong_enough(edges, join, break_, known, previous, average=method == "average")
    labels = cluster(len(known), edges, constraints, decisions) if method == "single" else average_link(len(known), edges, join, missing)
    return pd.DataFrame({"id": known, "cluster": known[labels]})


def _strong_enough(edges: Edges, join: float, break_: float | None, known: NDArray[Any], previous: pd.Series | None, *, average: bool) -> Edges:
    """The edges that count: from ``join`` on, or from ``break_`` on inside an earlier cluster, whose strength is then lifted."""
    stays = np.zeros(len(edges), np.bool_)
    if previous is not None and break_ is not None:
        before = pd.Series(pd.factorize(previous)[0], index=previous.index).reindex(known).fillna(-1).to_numpy(np.int64)
        same = (before[edges.left] == before[edges.right]) & (before[edges.left] >= 0)
        stays = same & (edges.strength >= break_)
    if average:
        return Edges(edges.left, edges.right, np.where(stays, np.maximum(edges.strength, join), edges.strength))
    return edges.at(stays | (edges.strength >= join))


def average_link(count: int, edges: Edges, join: float, missing: float = 0.0) -> Ints:
    """The cluster of each node, named by its smallest node; ties between equal averages by smallest member.

    Clusters that agree with each other more than with any other are merged, all such pairs at once, until none agree enough. That
    gives what merging the best pair of all each time gives: a merger never brings a cluster nearer to a third one than its nearer
    part was, so that nearest neighbours of each other stay so until they are merged (Bruynooghe 1978; Murtagh 1983), and a
    cluster that is near to none stays as it is.
    """
    labels, sizes = np.arange(count), np.ones(count, np.int64)
    left, right, gain = _summed(count, edges.left, edges.right, edges.strength - missing)
    while len(left):
        average = gain / (sizes[left] * sizes[right]) + missing
        near = np.flatnonzero(average >= join)
        near = near[np.argsort(-average[near], kind="stable")]
        merged = near[_nearest_of_each_other(count, left[near], right[near])]
        into = np.arange(count)
        into[right[merged]] = left[merged]
        sizes[left[merged]] += sizes[right[merged]]
        labels = into[labels]
        going_on = np.zeros(count, np.bool_)
        going_on[left[near]] = going_on[right[near]] = True
        rows = going_on[left] & going_on[right]
        left, right, gain = _summed(count, into[left[rows]], into[right[rows]], gain[rows])
    return labels


def _nearest_of_each_other(count: int, left: Ints, right: Ints) -> NDArray[np.bool_]:
    """Which edges are the first of both their ends? The edges come nearest first."""
    place = np.arange(len(left))
    first = np.zeros(count, np.int64)
    first[np.stack([left, right], axis=1).ravel()[::-1]] = np.repeat(place, 2)[::-1]  # of several, the last written stays
    both: NDArray[np.bool_] = (first[left] == place) & (first[right] == place)
    return both


def _summed(count: int, left: Ints, right: Ints, gain: Floats) -> tuple[Ints, Ints, Floats]:
    """One edge between two clusters, with the sum of what they gain by their members; none within a cluster. Sorted by cluster."""
    between = left != right
    keys = np.minimum(left, right)[between] * count + np.maximum(left, right)[between]
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    sums = np.add.reduceat(gain[between][order], starts) if len(starts) else gain[:0]
    found = keys[order][starts]
    return found // count, found % count, sums
