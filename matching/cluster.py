"""From pairs to clusters: which records are one, when pairs contradict each other.

Connected components alone let one wrong pair fuse two people, and many pairs chain into giants. Here a component is only a
candidate. One whose members contradict each other, by what they say or by somebody's decision, is built up again from its strongest
pair to its weakest, and a pair that would bring contradicting records together is left out: so the cut falls on the weakest edge
of every path between them (Kruskal's minimum spanning forest, 1956, with a test before each merger).

Nodes are 0 .. n-1 in an order of their own (that of their ids), so that no answer depends on the order of rows. Almost all components
are settled by columns; Python looks only at those that contradict themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Compatible = Callable[[int, int], bool]


def never(_first: int, _second: int) -> bool:
    """No two different values may stand in one cluster."""
    return False


@dataclass(frozen=True)
class Edges:
    """Pairs of nodes and how strong each is; the stronger is believed first, ties by (left, right)."""

    left: Ints
    right: Ints
    strength: Floats

    def __len__(self) -> int:
        return len(self.left)

    def at(self, rows: Ints | NDArray[np.bool_]) -> Edges:
        """The edges at these rows."""
        return Edges(self.left[rows], self.right[rows], self.strength[rows])


@dataclass(frozen=True)
class Constraint:
    """Something of which one cluster has one value, up to ``compatible`` ones.

    ``node[i]`` has value ``value[i]``; a node without a row says nothing, a node can have several. A contradiction between the two
    nodes of an edge was weighed when the pair was judged, and does not forbid it, unless ``hard``; one between two nodes that nobody
    compared does.
    """

    name: str
    node: Ints
    value: Ints
    compatible: Compatible = never
    hard: bool = False


@dataclass(frozen=True)
class Decisions:
    """What people decided, as pairs of nodes. ``must`` wins over everything but ``cannot``."""

    must_left: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    must_right: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    cannot_left: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    cannot_right: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


def components(count: int, left: Ints, right: Ints) -> Ints:
    """The connected component of each node, named by its smallest node."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    _, labels = connected_components(graph, directed=False)
    return smallest_member(labels.astype(np.int64))


def smallest_member(labels: Ints) -> Ints:
    """Rename clusters by their smallest node."""
    if not len(labels):
        return labels
    first = np.full(int(labels.max()) + 1, len(labels), np.int64)
    np.minimum.at(first, labels, np.arange(len(labels)))
    return first[labels]


def cluster(count: int, edges: Edges, constraints: Sequence[Constraint] = (), decisions: Decisions | None = None) -> Ints:
    """The cluster of each node, named by its smallest node.

    Every cluster is connected by edges or must-link decisions, and holds no two nodes that a constraint or a cannot-link decision keeps
    apart (see `Constraint` for what an edge has already weighed). Deterministic; independent of the order of the edges.
    """
    decided = decisions or Decisions()
    labels = components(count, np.concatenate([edges.left, decided.must_left]), np.concatenate([edges.right, decided.must_right]))
    doubtful = _contradictory(labels, constraints, decided)
    if not len(doubtful):
        return labels
    for members in _rebuild(labels, doubtful, edges, constraints, decided):
        labels[members] = members.min()
    return labels


def _contradictory(labels: Ints, constraints: Sequence[Constraint], decided: Decisions) -> Ints:
    """Components with two values of one constraint, or with both sides of a cannot-link decision."""
    found = [labels[decided.cannot_left[labels[decided.cannot_left] == labels[decided.cannot_right]]]]
    for constraint in constraints:
        if not len(constraint.node):
            continue
        owner = labels[constraint.node]
        order = np.lexsort((constraint.value, owner))
        owner, value = owner[order], constraint.value[order]
        differs = (owner[1:] == owner[:-1]) & (value[1:] != value[:-1])
        found.append(owner[1:][differs])
    return np.unique(np.concatenate(found))


def _rebuild(labels: Ints, doubtful: Ints, edges: Edges, constraints: Sequence[Constraint], decided: Decisions) -> list[Ints]:
    """The clusters of the doubtful components, as arrays of nodes."""
    inside = np.isin(labels, doubtful)
    forest = _Forest(np.flatnonzero(inside), constraints, decided, inside)
    for left, right in zip(decided.must_left.tolist(), decided.must_right.tolist(), strict=True):
        if inside[left]:
            forest.join(left, right, decided=True)
    some = edges.at(inside[edges.left])
    order = np.lexsort((np.maximum(some.left, some.right), np.minimum(some.left, some.right), -some.strength))
    for left, right in zip(some.left[order].tolist(), some.right[order].tolist(), strict=True):
        forest.join(left, right)
    return forest.clusters()


class _Forest:
    """Union-find over some nodes that refuses mergers of contradicting clusters."""

    def __init__(self, nodes: Ints, constraints: Sequence[Constraint], decided: Decisions, inside: NDArray[np.bool_]) -> None:
        self._parent = {node: node for node in nodes.tolist()}
        self._members = {node: [node] for node in self._parent}
        self._tests = [(lru_cache(maxsize=None)(c.compatible), c.hard) for c in constraints]
        self._own: list[dict[int, frozenset[int]]] = [_values(c, inside) for c in constraints]
        self._held = [dict(own) for own in self._own]
        self._apart = _neighbours(decided, self._parent)

    def find(self, node: int) -> int:
        """The root of a node's cluster."""
        root = node
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[node] != root:
            self._parent[node], node = root, self._parent[node]
        return root

    def join(self, left: int, right: int, *, decided: bool = False) -> None:
        """Merge the clusters of two nodes, unless that contradicts; a decision is only stopped by another one."""
        first, second = self.find(left), self.find(right)
        if first == second or self._kept_apart(first, second):
            return
        if not decided and not self._agree(first, second, left, right):
            return
        if len(self._members[first]) < len(self._members[second]):
            first, second = second, first
        self._parent[second] = first
        self._members[first] += self._members.pop(second)
        for held in self._held:
            if second in held:
                held[first] = held.get(first, frozenset()) | held.pop(second)

    def _kept_apart(self, first: int, second: int) -> bool:
        if len(self._members[first]) > len(self._members[second]):
            first, second = second, first
        return any(self.find(other) == second for node in self._members[first] for other in self._apart.get(node, ()))

    def _agree(self, first: int, second: int, left: int, right: int) -> bool:
        nothing: frozenset[int] = frozenset()
        for (compatible, hard), own, held in zip(self._tests, self._own, self._held, strict=True):
            one, other = held.get(first, nothing), held.get(second, nothing)
            weighed = (nothing, nothing) if hard else (own.get(left, nothing), own.get(right, nothing))
            for value in one - other:
                for against in other - one:
                    if not compatible(min(value, against), max(value, against)) and not (value in weighed[0] and against in weighed[1]):
                        return False
        return True

    def clusters(self) -> list[Ints]:
        """The members of each cluster."""
        return [np.array(members, np.int64) for members in self._members.values()]


def _values(constraint: Constraint, inside: NDArray[np.bool_]) -> dict[int, frozenset[int]]:
    rows = inside[constraint.node]
    found: dict[int, set[int]] = {}
    for node, value in zip(constraint.node[rows].tolist(), constraint.value[rows].tolist(), strict=True):
        found.setdefault(node, set()).add(value)
    return {node: frozenset(values) for node, values in found.items()}


def _neighbours(decided: Decisions, nodes: dict[int, int]) -> dict[int, tuple[int, ...]]:
    """For each node, the nodes that it must not be joined with."""
    found: dict[int, set[int]] = {}
    for left, right in zip(decided.cannot_left.tolist(), decided.cannot_right.tolist(), strict=True):
        if left in nodes and right in nodes:
            found.setdefault(left, set()).add(right)
            found.setdefault(right, set()).add(left)
    return {node: tuple(sorted(others)) for node, others in found.items()}
