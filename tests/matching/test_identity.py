"""Lasting ids: who keeps which id, and that the books balance."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.identity import Continuation, balance, churn, continue_ids, resolve


def continued(before: dict[str, str], after: dict[str, int], since: dict[str, str] | None = None) -> Continuation:
    """``before`` and ``after`` say for each record its person, and its cluster."""
    both = [(before[r], after[r]) for r in before if r in after]
    overlaps = pd.DataFrame(both, columns=["person_id", "cluster"]).groupby(["person_id", "cluster"]).size().rename("records").reset_index()
    people = sorted(set(before.values()))
    persons = pd.DataFrame({"person_id": pd.Series(people, dtype=object), "since": [(since or {}).get(p, "2026-01-01") for p in people]})
    return continue_ids(overlaps, pd.Series(sorted(set(after.values())), dtype="int64"), persons)


def test_nothing_changes() -> None:
    found = continued({"a": "P1", "b": "P1", "c": "P2"}, {"a": 0, "b": 0, "c": 1})
    assert found.kept.to_dict() == {0: "P1", 1: "P2"}
    assert found.fresh.empty
    assert found.ended.empty


def test_a_merger_keeps_the_larger_id() -> None:
    found = continued({"a": "P1", "b": "P2", "c": "P2"}, {"a": 0, "b": 0, "c": 0})
    assert found.kept.to_dict() == {0: "P2"}
    assert found.ended.values.tolist() == [["P1", "merged", 0]]


def test_a_tie_goes_to_the_older_id() -> None:
    found = continued({"a": "P1", "b": "P2"}, {"a": 0, "b": 0}, since={"P1": "2026-01-02", "P2": "2026-01-01"})
    assert found.kept.to_dict() == {0: "P2"}


def test_a_split_leaves_the_id_with_the_larger_part() -> None:
    found = continued({"a": "P1", "b": "P1", "c": "P1"}, {"a": 0, "b": 1, "c": 1})
    assert found.kept.to_dict() == {1: "P1"}
    assert found.fresh.values.tolist() == [[0, "split", "P1"]]


def test_a_person_whose_records_are_gone_is_retired() -> None:
    found = continued({"a": "P1", "b": "P2"}, {"a": 0, "n": 1})
    assert found.ended[["person_id", "event"]].values.tolist() == [["P2", "retired"]]
    assert found.fresh[["cluster", "event"]].values.tolist() == [[1, "created"]]


def test_records_can_change_sides_without_an_id_ending() -> None:
    found = continued({"a": "P1", "b": "P1", "c": "P2", "d": "P2"}, {"a": 0, "b": 0, "c": 0, "d": 1})
    assert found.kept.to_dict() == {0: "P1", 1: "P2"}


def test_old_ids_resolve_for_ever() -> None:
    history = pd.DataFrame(
        [("P1", "merged", "P2"), ("P2", "merged", "P3"), ("P3", "created", None), ("P9", "retired", None)],
        columns=["person_id", "event", "successor"],
    )
    assert [resolve(p, history) for p in ("P1", "P2", "P3", "P9", "PX")] == ["P3", "P3", "P3", "P9", "PX"]


def test_churn_counts_records_that_changed_person() -> None:
    found = balance(2, continued({"a": "P1", "b": "P2"}, {"a": 0, "b": 0}))
    measured = churn(pd.Series({"a": "P1", "b": "P2"}), pd.Series({"a": "P1", "b": "P1", "n": "P1"}), found)
    assert (measured.records, measured.moved, measured.share) == (2, 1, pytest.approx(0.5))


record = st.sampled_from("abcdefgh")


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(record, st.sampled_from(["P1", "P2", "P3"])), st.dictionaries(record, st.integers(0, 3)))
def test_the_books_balance(before: dict[str, str], after: dict[str, int]) -> None:
    found = continued(before, after)
    books = balance(len(set(before.values())), found)
    assert books.holds
    assert books.after == len(set(after.values()))
    assert found.kept.is_unique
