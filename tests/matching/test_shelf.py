"""A shelf answers as a plain table would, whatever came and went."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from matching.shelf import distinct, joined, mapped_tables, numbers, runs, unchanged, with_orders, write_tables


def rows(seed: int, count: int) -> pa.Table:
    """Keys that repeat, and texts, some of them missing."""
    chance = np.random.default_rng(seed)
    texts = [None if value % 7 == 0 else f"文{value}" for value in chance.integers(0, 99, count)]
    return pa.table(
        {"id": chance.permutation(count) + 1000 * seed, "key": chance.integers(0, 20, count).astype(np.uint64), "t": pa.array(texts, pa.string())}
    )


def plain(table: pa.Table) -> pd.DataFrame:
    return table.to_pandas().sort_values("id", ignore_index=True)


@pytest.mark.parametrize("count", [0, 1, 300])
def test_a_shelf_is_a_table(count: int, tmp_path: Path) -> None:
    chance, table = np.random.default_rng(count), rows(1, count)
    kept = tmp_path / "x.arrow"
    write_tables(kept, [*with_orders(table, ["id", "key"]), table])
    shelf, expected = unchanged(*mapped_tables(kept)[:2]), plain(table)
    for night in range(2, 6):
        keys = chance.integers(0, 25, 4).astype(np.uint64)
        shelf, gone = shelf.without("key", keys, ["id", "key", "t"])
        pd.testing.assert_frame_equal(plain(gone), expected[expected["key"].isin(keys)].reset_index(drop=True), check_dtype=False)
        came = rows(night, 30)
        shelf = shelf.plus(came)
        expected = pd.concat([expected[~expected["key"].isin(keys)], plain(came)], ignore_index=True)
        pd.testing.assert_frame_equal(plain(shelf.whole()), expected.sort_values("id", ignore_index=True), check_dtype=False)
        ids = chance.choice(expected["id"], 5)
        found = shelf.find("id", ids, ["t", "id"])
        assert found.column_names == ["t", "id"]
        assert set(numbers(found, "id")) == set(ids)
        assert shelf.total("id") == expected["id"].sum()
    assert shelf.changed > 0
    assert [each.num_columns for each in mapped_tables(kept)] == [3, 4, 3]
    assert plain(mapped_tables(kept)[2]).equals(plain(table))


def test_runs_and_joins_are_those_of_a_count() -> None:
    known, values = np.array([1, 1, 1, 4, 6, 6]), np.array([0, 1, 4, 5, 6, 9, 1])
    assert runs(known, values).tolist() == [0, 3, 1, 0, 2, 0, 3]
    left, right = joined(values, known)
    assert list(zip(values[left], known[right], strict=True)) == [(1, 1)] * 3 + [(4, 4)] + [(6, 6)] * 2 + [(1, 1)] * 3
    assert runs(known[:0], values).tolist() == [0] * 7
    assert distinct(known, values).tolist() == [0, 1, 4, 5, 6, 9]
