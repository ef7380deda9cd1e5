"""Groups of observations that belong together so far, each under its smallest observation, and one profile of each."""

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz.distance import OSA

from matching.cluster import Compatible, Constraint, Decisions, Edges, cluster, components, never

Ints = NDArray[np.int64]


def dates_agree(first: int, second: int) -> bool:
    """Could two days (as YYYYMMDD) be one birth date, written wrong once?

    One digit, two neighbours exchanged, month and day exchanged, one day off, or 1 January of the same year, which says nothing.
    """
    one, other = str(first), str(second)
    if one[:4] == other[:4] and ("0101" in (one[4:], other[4:]) or (one[4:6] == other[6:] and one[6:] == other[4:6])):
        return True
    days = np.array([f"{t[:4]}-{t[4:6]}-{t[6:]}" for t in (one, other)], "M8[D]").astype(np.int64)
    return OSA.distance(one, other) <= 1 or abs(int(days[0] - days[1])) <= 1


def deaths_agree(first: int, second: int) -> bool:
    """Could two days, counted from a fixed one, be one day of death? A month apart at most: certificates are late, but nobody dies twice."""
    return abs(first - second) <= 30


@dataclass(frozen=True)
class Nodes:
    """The observations by ascending id, and what each says that one person has one of."""

    ids: Ints
    constraints: tuple[Constraint, ...]
    decisions: Decisions

    def at(self, ids: Ints) -> Ints:
        """Positions of these observation ids."""
        return np.searchsorted(self.ids, ids)


def load_nodes(con: duckdb.DuckDBPyConnection, observations: str = "o") -> Nodes:
    """Positions, constraints and decisions of table ``o``, or of a part of it, and of ``decided``."""
    frame = con.execute(f"""
        SELECT obs_id, own_number, sex, role, ref_birth_cert, ref_prior,
               CASE WHEN birth_precision = 'day' THEN CAST(strftime(birth_date, '%Y%m%d') AS BIGINT) END AS birth,
               CASE WHEN role = 'deceased' THEN date_diff('day', DATE '0001-01-01', event_date) END AS death
        FROM {observations} ORDER BY obs_id
    """).df()
    ids = frame["obs_id"].to_numpy(np.int64)
    numbers, known = pd.factorize(frame["own_number"], sort=True)
    joined = _earlier_numbers(con, pd.Index(known))
    constraints = (
        _constraint("number", numbers, lambda a, b: (a, b) in joined),
        _days("birth date", frame["birth"], dates_agree),
        _days("death date", frame["death"], deaths_agree),
        _constraint("sex", pd.factorize(frame["sex"], sort=True)[0]),
        _certificates(frame),
    )
    return Nodes(ids, constraints, _decisions(con, ids))


def _constraint(name: str, codes: NDArray[Any], compatible: Compatible = never) -> Constraint:
    rows = np.flatnonzero(codes >= 0)
    return Constraint(name, rows, codes[rows].astype(np.int64), compatible)


def _days(name: str, days: "pd.Series[Any]", compatible: Compatible) -> Constraint:
    known = days.notna().to_numpy()
    return Constraint(name, np.flatnonzero(known).astype(np.int64), days.to_numpy()[known].astype(np.int64), compatible)


def _earlier_numbers(con: duckdb.DuckDBPyConnection, known: pd.Index) -> frozenset[tuple[int, int]]:
    """Pairs of number codes that some record declares to be one person's."""
    declared = con.execute("""
        SELECT DISTINCT least(own_number, old_id_number) AS a, greatest(own_number, old_id_number) AS b FROM o
        WHERE own_number <> old_id_number
    """).df()
    a, b = known.get_indexer(pd.Index(declared["a"])), known.get_indexer(pd.Index(declared["b"]))
    return frozenset((min(x, y), max(x, y)) for x, y in zip(a.tolist(), b.tolist(), strict=True) if x >= 0 and y >= 0)


def _certificates(frame: pd.DataFrame) -> Constraint:
    """One person was born once: children of different birth certificates are different, re-issues of one certificate are not."""
    rows = np.flatnonzero((frame["role"] == "child") & frame["ref_birth_cert"].notna())
    some = frame.iloc[rows]
    codes, known = pd.factorize(pd.concat([some["ref_birth_cert"], some["ref_prior"].dropna()]), sort=True)
    own = codes[: len(some)].astype(np.int64)
    prior = some["ref_prior"].notna().to_numpy()
    root = components(len(known), own[prior], codes[len(some) :].astype(np.int64))
    return Constraint("birth certificate", rows, root[own] if len(own) else own, hard=True)


def _decisions(con: duckdb.DuckDBPyConnection, ids: Ints) -> Decisions:
    frame = con.execute("SELECT kind, l, r FROM decided ORDER BY decided_on, decision_id").df()
    found = frame[frame["l"].isin(ids) & frame["r"].isin(ids)]
    sides = {kind: found[found["kind"] == kind] for kind in ("must_link", "cannot_link")}
    return Decisions(*(np.searchsorted(ids, sides[kind][side].to_numpy(np.int64)) for kind in sides for side in ("l", "r")))


def group(nodes: Nodes, links: pd.DataFrame) -> Ints:
    """The group of each observation, by links (obs_id_l, obs_id_r, probability) that already reach their threshold."""
    edges = Edges(nodes.at(links["l"].to_numpy(np.int64)), nodes.at(links["r"].to_numpy(np.int64)), links["weight"].to_numpy(np.float64))
    return nodes.ids[cluster(len(nodes.ids), edges, nodes.constraints, nodes.decisions)]


def regroup(nodes: Nodes, before: Ints, links: pd.DataFrame) -> Ints:
    """Join groups (``before``: the group of each observation) by further links between their observations.

    Now the groups are the nodes: a link was judged between what two whole groups say, so their contradictions have been weighed.
    """
    heads, places = np.unique(before, return_inverse=True)

    def lifted(positions: Ints) -> Ints:
        return places[positions].astype(np.int64)

    constraints = [Constraint(c.name, *_distinct(lifted(c.node), c.value), c.compatible, c.hard) for c in nodes.constraints]
    d = nodes.decisions
    decisions = Decisions(lifted(d.must_left), lifted(d.must_right), lifted(d.cannot_left), lifted(d.cannot_right))
    left, right = (lifted(nodes.at(links[side].to_numpy(np.int64))) for side in ("l", "r"))
    return heads[cluster(len(heads), Edges(left, right, links["weight"].to_numpy(np.float64)), constraints, decisions)][places]


def _distinct(node: Ints, value: Ints) -> tuple[Ints, Ints]:
    """Each (node, value) once; both fit into one integer, values being codes or days as YYYYMMDD."""
    base = int(value.max(initial=0)) + 1
    both = np.unique(node * base + value)
    return both // base, both % base


def put_joined(con: duckdb.DuckDBPyConnection, table: str, nodes: Nodes, before: Ints, after: Ints) -> None:
    """Make a table (obs_id, grp, was) of every observation of a group that was joined."""
    rows = np.flatnonzero(np.isin(after, np.unique(after[before != after])))
    con.register("joined_frame", pd.DataFrame({"obs_id": nodes.ids[rows], "grp": after[rows], "was": before[rows]}))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM joined_frame")
    con.unregister("joined_frame")


def put_groups(con: duckdb.DuckDBPyConnection, table: str, nodes: Nodes, labels: Ints) -> None:
    """Make a table (obs_id, grp)."""
    con.register("label_frame", pd.DataFrame({"obs_id": nodes.ids, "grp": labels}))
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT obs_id, grp FROM label_frame")
    con.unregister("label_frame")
