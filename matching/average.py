"""Clusters by average link: two clusters are one while their records agree on average, not only at one pair.

Unweighted average linkage (UPGMA; Sokal and Michener 1958) within connected components, over the pairs at hand: a pair that was not
compared, or fell below the floor, counts as ``missing``. One lucky pair then no longer fuses two people, which is what connected
components suffer from. Clusters of one or two records, and components in which every pair agrees, are settled by columns.
"""

from __future__ import annotations

import heapq
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from matching.cluster import Constraint, Decisions, Edges, Ints, cluster, components
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
    """The cluster of each node, named by its smallest node."""
    strong = edges.strength >= join
    labels = components(count, edges.left[strong], edges.right[strong])
    inside = edges.at(labels[edges.left] == labels[edges.right])
    owner = labels[inside.left]
    sizes = np.bincount(labels, minlength=count)
    agreeing = np.bincount(owner[inside.strength >= join], minlength=count)
    open_ones = np.flatnonzero((sizes > 2) & (agreeing < sizes * (sizes - 1) // 2))
    rows = np.flatnonzero(np.isin(owner, open_ones))
    rows = rows[np.argsort(owner[rows], kind="stable")]
    bounds = np.flatnonzero(np.diff(owner[rows], prepend=-1, append=-1))
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        for members in _agglomerate(inside.at(rows[start:end]), join, missing):
            labels[members] = min(members)
    return labels


def _agglomerate(edges: Edges, join: float, missing: float) -> list[list[int]]:
    """Merge the two clusters that agree most, while they agree enough; ties by smallest member."""
    members: dict[int, list[int]] = {}
    sums: dict[int, dict[int, float]] = {}
    for left, right, strength in zip(edges.left.tolist(), edges.right.tolist(), edges.strength.tolist(), strict=True):
        for one, other in ((left, right), (right, left)):
            members.setdefault(one, [one])
            sums.setdefault(one, {})[other] = strength - missing
    heap = [(-(gain + missing), one, other, 1, 1) for one, row in sums.items() for other, gain in row.items() if one < other]
    heapq.heapify(heap)
    while heap:
        average, one, other, size, other_size = heapq.heappop(heap)
        if -average < join:
            break
        if len(members.get(one, ())) != size or len(members.get(other, ())) != other_size:
            continue
        members[one] += members.pop(other)
        row, gone = sums[one], sums.pop(other)
        row.pop(other)
        for third, gain in gone.items():
            if third != one:
                row[third] = row.get(third, 0.0) + gain
                sums[third][one] = row[third]
                del sums[third][other]
        for third, gain in row.items():
            pair, product = (min(one, third), max(one, third)), len(members[one]) * len(members[third])
            value = -(gain / product + missing)
            if -value >= join:
                heapq.heappush(heap, (value, *pair, len(members[pair[0]]), len(members[pair[1]])))
    return list(members.values())
