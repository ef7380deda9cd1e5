"""Lasting ids: tonight's clusters take over the ids of the clusters that they continue.

An id goes to the cluster that holds most of its records; among ids of one cluster the one with most records there wins, then the
oldest, then the smallest by text. An id that got no cluster has merged into the one that most of its records went to, or, when no
record of it is left, is retired. A cluster that got no id is new: split off, if its records had an id, else created.

The balance that must hold: before + created + split - merged - retired = after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

EVENTS = ("created", "split", "merged", "retired")


@dataclass(frozen=True)
class Continuation:
    """How tonight's clusters continue the previous persons.

    kept: cluster -> person_id. fresh: clusters without an id; columns cluster, event (created or split), parent (the person that most
    of the split records had; None for created). ended: columns person_id, event (merged or retired), cluster (that took over; NA when
    retired).
    """

    kept: pd.Series
    fresh: pd.DataFrame
    ended: pd.DataFrame


@dataclass(frozen=True)
class Balance:
    """The persons' double entry of one night."""

    before: int
    created: int
    split: int
    merged: int
    retired: int
    after: int

    @property
    def holds(self) -> bool:
        """Does before + created + split - merged - retired = after?"""
        return self.before + self.created + self.split - self.merged - self.retired == self.after


@dataclass(frozen=True)
class Churn:
    """How much moved: records in both nights, those whose person changed, and ids that ended or began without new records."""

    records: int
    moved: int
    balance: Balance

    @property
    def share(self) -> float:
        """Share of the records that changed person."""
        return self.moved / self.records if self.records else 0.0


def continue_ids(overlaps: pd.DataFrame, clusters: pd.Series, persons: pd.DataFrame) -> Continuation:
    """Decide which cluster keeps which id.

    Args:
        overlaps: one row per (person_id, cluster) with records in common; ``records`` counts them.
        clusters: every cluster of tonight.
        persons: every previous person: person_id, since (sortable; the older id wins a tie).
    """
    ordered = overlaps.merge(persons, on="person_id", how="left", validate="m:1").sort_values(
        ["records", "since", "person_id", "cluster"], ascending=[False, True, True, True], ignore_index=True
    )
    plain = ~ordered["person_id"].duplicated(keep=False) & ~ordered["cluster"].duplicated(keep=False)
    contested = _contest(ordered[~plain])
    kept = pd.concat([ordered.loc[plain, ["cluster", "person_id"]], contested]).set_index("cluster")["person_id"].sort_index()
    return Continuation(kept=kept, fresh=_fresh(ordered, clusters, kept), ended=_ended(ordered, persons, kept))


def _contest(ordered: pd.DataFrame) -> pd.DataFrame:
    """Largest overlap first: a pair is made when both are still free."""
    cluster_of: dict[str, int] = {}
    taken: set[int] = set()
    for person, cluster in zip(ordered["person_id"], ordered["cluster"], strict=True):
        if person not in cluster_of and cluster not in taken:
            cluster_of[person] = cluster
            taken.add(cluster)
    return pd.DataFrame({"cluster": list(cluster_of.values()), "person_id": list(cluster_of)}, columns=["cluster", "person_id"])


def _fresh(ordered: pd.DataFrame, clusters: pd.Series, kept: pd.Series) -> pd.DataFrame:
    fresh = pd.DataFrame({"cluster": np.sort(clusters[~clusters.isin(kept.index)].to_numpy())})
    parents = ordered.drop_duplicates("cluster").set_index("cluster")["person_id"]
    fresh["parent"] = fresh["cluster"].map(parents).astype(object)
    fresh["event"] = np.where(fresh["parent"].isna(), "created", "split")
    return fresh[["cluster", "event", "parent"]]


def _ended(ordered: pd.DataFrame, persons: pd.DataFrame, kept: pd.Series) -> pd.DataFrame:
    ended = persons.loc[~persons["person_id"].isin(kept.to_numpy()), ["person_id"]].sort_values("person_id", ignore_index=True)
    heirs = ordered.drop_duplicates("person_id").set_index("person_id")["cluster"]
    ended["cluster"] = ended["person_id"].map(heirs).astype("Int64")
    ended["event"] = np.where(ended["cluster"].isna(), "retired", "merged")
    return ended[["person_id", "event", "cluster"]]


def balance(before: int, found: Continuation) -> Balance:
    """The persons' double entry; ``after`` is counted from the clusters, not worked out."""
    fresh, ended = found.fresh["event"], found.ended["event"]
    return Balance(
        before=before,
        created=int((fresh == "created").sum()),
        split=int((fresh == "split").sum()),
        merged=int((ended == "merged").sum()),
        retired=int((ended == "retired").sum()),
        after=len(found.kept) + len(fresh),
    )


def successors(history: pd.DataFrame) -> dict[str, str]:
    """Each merged id and the id that took it over.

    Columns read: person_id, event, successor.
    """
    merged = history[(history["event"] == "merged") & history["successor"].notna()]
    return dict(zip(merged["person_id"], merged["successor"], strict=True))


def resolve(person_id: str, history: pd.DataFrame | Mapping[str, str]) -> str:
    """The id under which a person is known today: follow the mergers to their end.

    An id that never merged, that retired, or that nobody knows resolves to itself. Ids never come back, so there is no circle.
    """
    following = successors(history) if isinstance(history, pd.DataFrame) else history
    while person_id in following:
        person_id = following[person_id]
    return person_id


def churn(before: pd.Series, after: pd.Series, found: Balance) -> Churn:
    """Compare who each record spoke of; both series are indexed by record. 0 moved when nothing changed."""
    both = before.index.intersection(after.index)
    return Churn(records=len(both), moved=int((before.loc[both].to_numpy() != after.loc[both].to_numpy()).sum()), balance=found)
