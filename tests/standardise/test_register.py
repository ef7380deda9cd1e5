"""Night after night: what deliveries do to the register as we hold it, in rows and keys, as a table."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.storage.frames import table_hash
from tests.receive.deliver import Desk

FIRST = date(2026, 1, 1)
COUNTED = ("delivered", "new", "changed", "unchanged", "quarantined", "exact_duplicates", "live_before", "opened", "closed", "live_after")


def day(number: int) -> date:
    """Day ``number`` of the table."""
    return FIRST + timedelta(days=number)


def police(text: str) -> list[dict[str, str]]:
    """``a1 b1 c2``: entries a, b, c with the content of that number."""
    return [{"人员编号": f"P{key[0]}", "姓名": f"张{'一二三四五'[int(key[1]) - 1]}", "出生日期": "19800101"} for key in text.split()]


def deliver(desk: Desk, at: int, sequence: int, mode: str, entries: str) -> None:
    """A police delivery."""
    desk.deliver("police", day(at), sequence, mode, police(entries))


def ledger(desk: Desk, at: int) -> list[tuple[object, ...]]:
    """Run the night of day ``at``: status and counts per delivery."""
    return [
        (r["status"], *(r[c] for c in COUNTED)) for r in sorted(desk.night("police", day(at)).rows("ledger"), key=lambda r: int(str(r["sequence"])))
    ]


def held(desk: Desk) -> str:
    """The live register as text: ``a1 b2``."""
    rows = desk.nights and _last(desk)
    live = [(r["record_key"], r["name"]) for r in rows or [] if r["closed_on"] is None]
    return " ".join(f"{str(k)[1]}{'一二三四五'.index(str(n)[1]) + 1}" for k, n in sorted(live))


def _last(desk: Desk) -> Sequence[Mapping[str, object]]:
    from tests.receive.deliver import Night

    return Night(desk.base / f"night{desk.nights}", "police").rows("rec")


# deliveries as (day, sequence, mode, entries); then status, delivered new changed unchanged quarantined duplicates live opened closed live
NIGHTS = {
    "first full": ([], [(0, 1, "full", "a1 b1 c1")], [("applied", 3, 3, 0, 0, 0, 0, 0, 3, 0, 3)], "a1 b1 c1"),
    "delta: new, changed, unchanged": (
        [(0, 1, "full", "a1 b1 c1")],
        [(1, 2, "delta", "a1 b2 d1")],
        [("applied", 3, 1, 1, 1, 0, 0, 3, 1, 0, 4)],
        "a1 b2 c1 d1",
    ),
    "empty delta": ([(0, 1, "full", "a1")], [(1, 2, "delta", "")], [("applied", 0, 0, 0, 0, 0, 0, 1, 0, 0, 1)], "a1"),
    "exact duplicates": (
        [(0, 1, "full", "a1")],
        [(1, 2, "delta", "b1 b1 b1 a1")],
        [("applied", 4, 1, 0, 1, 0, 2, 1, 1, 0, 2)],
        "a1 b1",
    ),
    "one key, two contents: all versions kept out": (
        [(0, 1, "full", "a1 b1")],
        [(1, 2, "delta", "b2 b3 a2")],
        [("applied", 3, 0, 1, 0, 2, 0, 2, 0, 0, 2)],
        "a2 b1",
    ),
    "two deltas of one night, in order": (
        [(0, 1, "full", "a1")],
        [(1, 2, "delta", "a2 b1"), (2, 3, "delta", "a3")],
        [("applied", 2, 1, 1, 0, 0, 0, 1, 1, 0, 2), ("applied", 1, 0, 1, 0, 0, 0, 2, 0, 0, 2)],
        "a3 b1",
    ),
    "a late delta does not undo a later one": (
        [(0, 1, "full", "a1 b1"), (3, 2, "delta", "a3")],
        [(2, 3, "delta", "a2 b2")],
        [("applied", 2, 0, 1, 1, 0, 0, 2, 0, 0, 2)],
        "a3 b2",
    ),
}


@pytest.mark.parametrize(("before", "tonight", "expected", "register"), NIGHTS.values(), ids=NIGHTS)
def test_a_night(
    tmp_path: Path,
    before: list[tuple[int, int, str, str]],
    tonight: list[tuple[int, int, str, str]],
    expected: list[tuple[object, ...]],
    register: str,
) -> None:
    desk = Desk(tmp_path)
    for at, sequence, mode, entries in before:
        deliver(desk, at, sequence, mode, entries)
        ledger(desk, max(at, 0))
    for at, sequence, mode, entries in tonight:
        deliver(desk, at, sequence, mode, entries)
    assert ledger(desk, 9) == expected
    assert held(desk) == register


def test_a_full_closes_and_reopens(tmp_path: Path) -> None:
    """Thirty entries, so that one absent is within the gates."""
    desk = Desk(tmp_path)
    many = [{"人员编号": f"P{i:03}", "姓名": "张三"} for i in range(100)]
    desk.deliver("police", day(0), 1, "full", many)
    desk.night("police", day(0))
    desk.deliver("police", day(1), 2, "full", many[1:])
    [closing] = desk.night("police", day(1)).rows("ledger")
    assert (closing["unchanged"], closing["closed"], closing["live_after"]) == (99, 1, 99)
    desk.deliver("police", day(2), 3, "full", many)
    night = desk.night("police", day(2))
    [opening] = night.rows("ledger")
    assert (opening["unchanged"], opening["opened"], opening["live_after"]) == (100, 1, 100)
    assert night.count("obs", "live") == 100


def test_a_quarantined_row_is_not_absent(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    many = [{"人员编号": f"P{i:03}", "姓名": "张三"} for i in range(100)]
    desk.deliver("police", day(0), 1, "full", many)
    desk.night("police", day(0))
    desk.deliver("police", day(1), 2, "full", [{**many[0], "姓名": "李四"}, *many])
    [line] = desk.night("police", day(1)).rows("ledger")
    assert (line["quarantined"], line["closed"], line["live_after"]) == (2, 0, 100)


def test_redelivery_of_the_same_has_no_effect(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    deliver(desk, 0, 1, "full", "a1 b1")
    first = desk.night("police", day(0))
    again = desk.night("police", day(0))
    assert again.delivery()["status"] == "repeated"
    assert again.count("ledger") == 0
    for table in ("rec", "obs"):
        assert table_hash(first.path(table)) == table_hash(again.path(table))


def test_redelivery_with_other_content_is_a_new_version(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    deliver(desk, 0, 1, "full", "a1 b1")
    desk.night("police", day(0))
    deliver(desk, 0, 2, "full", "a1 b2")
    assert ledger(desk, 1) == [("applied", 2, 0, 1, 1, 0, 0, 2, 0, 0, 2)]
    assert held(desk) == "a1 b2"


def test_a_refused_delivery_is_on_the_ledger_and_balances(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    deliver(desk, 0, 1, "full", "a1 b1")
    (desk.inbox / "police" / "20260101" / "hukou.csv").write_bytes(b"")
    assert ledger(desk, 0) == [("refused", 2, 0, 0, 0, 2, 0, 0, 0, 0, 0)]
    deliver(desk, 0, 1, "full", "a1 b1")
    assert ledger(desk, 1) == [("applied", 2, 2, 0, 0, 0, 0, 0, 2, 0, 2)], "repaired under its own number"


def test_a_gap_holds_until_the_missing_one_comes(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    deliver(desk, 0, 1, "full", "a1")
    desk.night("police", day(0))
    deliver(desk, 2, 3, "delta", "a3")
    assert [line[0] for line in ledger(desk, 2)] == ["held"]
    assert held(desk) == "a1"
    deliver(desk, 1, 2, "delta", "a2 b1")
    assert [line[0] for line in ledger(desk, 3)] == ["applied", "applied"]
    assert held(desk) == "a3 b1"


def test_shuffled_rows_and_one_night_or_many_give_the_same_register(tmp_path: Path) -> None:
    """Incremental equals rebuild, but for the provenance of rows that moved within their file."""
    nights = [(0, 1, "full", "a1 b1 c1 d1"), (1, 2, "delta", "b2 e1"), (2, 3, "delta", "e2 a1 f1"), (3, 4, "full", "a1 b2 c1 d1 e2 f1")]
    one, many = Desk(tmp_path / "one"), Desk(tmp_path / "many")
    for at, sequence, mode, entries in nights:
        deliver(many, at, sequence, mode, entries)
        many.night("police", day(at))
        deliver(one, at, sequence, mode, " ".join(reversed(entries.split())))
    one.night("police", day(3))
    for table in ("rec", "obs"):
        place = ("row_number", "delivery_id", "file")
        left, right = (table_hash(desk.previous[f"previous.{table}_police"], place) for desk in (one, many))
        assert left == right
