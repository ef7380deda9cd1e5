"""Which deliveries may be applied, as a table: what was dealt with before, what lies in the inbox tonight, what comes of it."""

from datetime import date, timedelta

import pytest

from pipelines.receive.order import Candidate, Seen, settle

BAD = "RC-D09"


def day(number: int) -> date:
    """Day ``number`` of the table."""
    return date(2026, 1, 1) + timedelta(days=number)


def seen(text: str) -> Seen:
    """``3 delta applied @2 a``: sequence, mode, status, day of business, content."""
    sequence, mode, status, at, content = text.split()
    number = int(at[1:])
    return Seen(f"{number}-{sequence}-{content}", day(number), int(sequence), mode, content, status)


def candidate(text: str) -> Candidate:
    """``3 delta @2 a``, and ``!`` behind it when its files can't be taken."""
    sequence, mode, at, content, *bad = text.split()
    number = int(at[1:])
    return Candidate(f"{number}-{sequence}-{content}", day(number), int(sequence), mode, content, BAD if bad else "")


CASES = {
    "the first delivery ever may have any number": ([], ["7 delta @1 a"], ["accepted"]),
    "in order": (["1 full applied @1 a"], ["3 delta @3 c", "2 delta @2 b"], ["accepted", "accepted"]),
    "a gap holds a delta": (["1 full applied @1 a"], ["3 delta @3 c"], ["held RC-D20"]),
    "a gap holds events": (["1 events applied @1 a"], ["3 events @3 c"], ["held RC-D20"]),
    "a gap holds all that follow": (["1 full applied @1 a"], ["3 delta @3 c", "4 delta @4 d"], ["held RC-D20", "held RC-D20"]),
    "a full restates all": (["1 full applied @1 a"], ["3 full @3 c", "4 delta @4 d"], ["accepted", "accepted"]),
    "the missing one arrives": (["1 full applied @1 a", "3 delta held @3 c"], ["2 delta @2 b", "3 delta @3 c"], ["accepted", "accepted"]),
    "a refused one holds what follows": (["1 full applied @1 a"], ["2 delta @2 b !", "3 delta @3 c"], [f"refused {BAD}", "held RC-D20"]),
    "a refused one, replaced under the next number": (
        ["1 full applied @1 a", "2 delta refused @2 b", "3 delta held @3 c"],
        ["3 delta @3 c", "4 delta @2 e"],
        ["accepted", "accepted"],
    ),
    "a refused one, repaired under its own number": (["1 full applied @1 a", "2 delta refused @2 b"], ["2 delta @2 e"], ["accepted"]),
    "the folder lies there untouched": (["1 full applied @1 a"], ["1 full @1 a"], ["repeated"]),
    "the same content under another number": (["1 full applied @1 a"], ["2 full @1 a"], ["repeated RC-D21"]),
    "the same content of another day is news": (["1 events applied @1 a"], ["2 events @2 a"], ["accepted"]),
    "other content under a used number": (["1 full applied @1 a"], ["1 full @1 b"], ["refused RC-D19"]),
    "two folders with one number": (["1 full applied @1 a"], ["2 delta @2 b", "2 delta @3 c"], ["accepted", "refused RC-D19"]),
    "back to the first content": (["1 full applied @1 a", "2 full applied @1 b"], ["3 full @1 a"], ["accepted"]),
    "events don't wait for a held full": (["1 full held @1 a"], ["2 events @2 b"], ["accepted"]),
    "deltas do": (["1 full held @1 a"], ["2 delta @2 b"], ["held RC-D20"]),
    "a held one is looked at again": (["1 full applied @1 a", "2 delta held @2 b"], ["2 delta @2 b"], ["accepted"]),
}


@pytest.mark.parametrize(("known", "tonight", "expected"), CASES.values(), ids=CASES)
def test_settle(known: list[str], tonight: list[str], expected: list[str]) -> None:
    verdicts = settle([candidate(t) for t in tonight], [seen(k) for k in known])
    assert [f"{v.status} {v.code}".strip() for v in verdicts] == expected


def test_an_override_passes_a_gap() -> None:
    late = candidate("3 delta @3 c")
    [verdict] = settle([late], [seen("1 full applied @1 a")], {late.delivery_id})
    assert verdict.status == "accepted"


def test_the_order_in_the_inbox_does_not_matter() -> None:
    known = [seen("1 full applied @1 a")]
    tonight = [candidate(t) for t in ("2 delta @2 b", "3 delta @3 c !", "4 delta @4 d", "5 full @5 e", "6 delta @6 f")]
    assert settle(tonight, known) == settle(tonight[::-1], known)
