"""Half a file never closes half the population: each gate at its limit, beyond it, overridden, and what waits behind it."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.receive.deliver import Desk, Night

FIRST = date(2026, 1, 1)
COUNTIES = ("880105", "880111", "880112", "882322")


def day(number: int) -> date:
    """Day ``number``."""
    return FIRST + timedelta(days=number)


def people(count: int = 1000) -> list[dict[str, str]]:
    """Entries of four counties and twenty birth years."""
    return [
        {
            "人员编号": f"P{i:05}",
            "姓名": "张三",
            "户籍地行政区划": COUNTIES[0] if i >= 160 else COUNTIES[1 + i % 3],
            "出生日期": f"{1960 + i % 20}0101",
        }
        for i in range(count)
    ]


def started(tmp_path: Path) -> Desk:
    """A register of 1000 entries."""
    desk = Desk(tmp_path)
    desk.deliver("police", day(0), 1, "full", people())
    desk.night("police", day(0))
    return desk


def gates(night: Night) -> dict[str, tuple[float, str]]:
    """Gate -> observed share and outcome of the only delivery."""
    return {str(r["gate"]): (round(float(str(r["observed"])), 3), str(r["outcome"])) for r in night.rows("gates")}


FULLS = {
    "all there": (people(), {}),
    "2 % missing, at the limit": (people()[20:], {}),
    "2.1 % missing": (people()[21:], {"missing_keys": 0.021}),
    "half of it": (people()[500:], {"volume_drop": 0.5, "missing_keys": 0.5, "division_drop": 1.0, "birth_year_drop": 0.5}),
    "empty": ([], {"volume_drop": 1.0, "missing_keys": 1.0, "division_drop": 1.0, "birth_year_drop": 1.0}),
    "a third of one county, 1.8 % of all": ([p for i, p in enumerate(people()) if not (i < 54 and i % 3 == 0)], {"division_drop": 0.333}),
    "others instead": (
        [{**p, "人员编号": "Q" + p["人员编号"]} for p in people()],
        {"missing_keys": 1.0, "renumbered": 1.0, "division_drop": 1.0, "birth_year_drop": 1.0},
    ),
    "1.5 % under new keys": ([{**p, "人员编号": ("Q" if i < 15 else "") + p["人员编号"]} for i, p in enumerate(people())], {"renumbered": 0.015}),
    "1.5 % gone, as many others come": (
        [{**p, "人员编号": "Q" + p["人员编号"], "姓名": "李四"} if i < 15 else p for i, p in enumerate(people())],
        {},
    ),
    "nine under new keys": ([{**p, "人员编号": ("Q" if i < 9 else "") + p["人员编号"]} for i, p in enumerate(people())], {}),
}


@pytest.mark.parametrize(("rows", "held"), FULLS.values(), ids=FULLS)
def test_gates_of_a_full(tmp_path: Path, rows: list[dict[str, str]], held: dict[str, float]) -> None:
    desk = started(tmp_path)
    desk.deliver("police", day(1), 2, "full", rows)
    night = desk.night("police", day(1))
    found = gates(night)
    expected = {gate: share for gate, share in held.items() if share > desk.source("police").gates[gate]}
    assert {gate: share for gate, (share, outcome) in found.items() if outcome == "held"} == pytest.approx(expected, abs=0.001)
    assert set(found) == {"quarantine_share", *desk.source("police").gates}
    [line] = night.rows("ledger")
    if expected:
        assert (line["status"], line["code"], line["closed"], line["live_after"]) == ("held", "RC-G01", 0, 1000)
        assert line["quarantined"] == line["delivered"] == len(rows), "all of it is kept out"
    else:
        assert line["status"] == "applied"


SMALL = {
    "5 of 99 gone": (99, 94, "applied"),
    "9 of 99 gone": (99, 90, "applied"),
    "10 of 99 gone": (99, 89, "held"),
    "3 of 6 gone": (6, 3, "held"),
    "2 of 6 gone": (6, 4, "applied"),
}
"""A few keys of a small source are a large share, and chance."""


@pytest.mark.parametrize(("before", "after", "status"), SMALL.values(), ids=SMALL)
def test_a_small_source_is_not_held_for_a_few_keys(tmp_path: Path, before: int, after: int, status: str) -> None:
    desk = Desk(tmp_path)
    desk.deliver("police", day(0), 1, "full", people()[:before])
    desk.night("police", day(0))
    desk.deliver("police", day(1), 2, "full", people()[:after])
    [line] = desk.night("police", day(1)).rows("ledger")
    assert line["status"] == status


def test_the_worst_county_and_year_are_named(tmp_path: Path) -> None:
    desk = started(tmp_path)
    desk.deliver("police", day(1), 2, "full", [p for p in people() if p["户籍地行政区划"] != "880112"])
    [gate] = desk.night("police", day(1)).rows("gates", "outcome = 'held' AND gate = 'division_drop'")
    assert str(gate["detail"]).startswith("880112: 53 of 53 keys")


def test_an_override_lets_it_in_the_next_night(tmp_path: Path) -> None:
    desk = started(tmp_path)
    desk.deliver("police", day(1), 2, "full", people()[50:])
    held = [str(r["gate"]) for r in desk.night("police", day(1)).rows("gates", "outcome = 'held'")]
    assert held == ["missing_keys"] or set(held) > {"missing_keys"}
    delivery = str(desk.known[-1]["delivery_id"])
    desk.overrides = [{"delivery_id": delivery, "gate": gate, "hold_id": f"H{i}"} for i, gate in enumerate(held)]
    night = desk.night("police", day(2))
    assert {r["outcome"] for r in night.rows("gates")} == {"passed", "overridden"}
    [line] = night.rows("ledger")
    assert (line["status"], line["closed"], line["live_after"]) == ("applied", 50, 950)


def test_a_part_of_an_override_is_not_enough(tmp_path: Path) -> None:
    desk = started(tmp_path)
    desk.deliver("police", day(1), 2, "full", people()[500:])
    desk.night("police", day(1))
    desk.overrides = [{"delivery_id": desk.known[-1]["delivery_id"], "gate": "missing_keys", "hold_id": "H1"}]
    assert [r["status"] for r in desk.night("police", day(2)).rows("ledger")] == ["held"]


def statuses(night: Night) -> Sequence[str]:
    """Ledger statuses in sequence order."""
    return [str(r["status"]) for r in sorted(night.rows("ledger"), key=lambda r: int(str(r["sequence"])))]


def test_deltas_wait_behind_a_held_full_and_a_good_full_frees_them(tmp_path: Path) -> None:
    desk = started(tmp_path)
    desk.deliver("police", day(1), 2, "full", people()[500:])
    desk.deliver("police", day(2), 3, "delta", [{**people()[0], "姓名": "李四"}])
    night = desk.night("police", day(2))
    assert statuses(night) == ["held", "held"]
    [order] = night.rows("gates", "gate = 'order'")
    assert "waits for police-20260102-2" in str(order["detail"])
    desk.deliver("police", day(3), 4, "full", [{**people()[0], "姓名": "李四"}, *people()[1:]])
    desk.deliver("police", day(4), 5, "delta", [{**people()[1], "姓名": "王五"}])
    night = desk.night("police", day(4))
    assert statuses(night) == ["held", "held", "applied", "applied"]
    assert {r["name"] for r in night.rows("rec", "record_key IN ('P00000', 'P00001')")} == {"李四", "王五"}


def test_two_fulls_of_one_night_are_measured_one_after_the_other(tmp_path: Path) -> None:
    """Each drops 1.5 %: together 3 %, which would be too much at once."""
    desk = started(tmp_path)
    desk.deliver("police", day(1), 2, "full", people()[15:])
    desk.deliver("police", day(2), 3, "full", people()[30:])
    assert statuses(desk.night("police", day(2))) == ["applied", "applied"]


def pension(count: int, month: str, start: int = 0) -> list[dict[str, str]]:
    """Payments of a month."""
    return [
        {"个人编号": f"A{i:04}", "姓名": "张三", "发放年月": month, "待遇状态": "发放", "月发放金额": "100.00"} for i in range(start, start + count)
    ]


@pytest.mark.parametrize(
    ("rows", "outcome"), [(pension(96, "202602"), "applied"), (pension(50, "202602"), "held"), (pension(100, "202602", 50), "held")]
)
def test_a_new_month_is_measured_against_the_month_before(tmp_path: Path, rows: list[dict[str, str]], outcome: str) -> None:
    desk = Desk(tmp_path)
    desk.deliver("pension", day(0), 1, "full", pension(100, "202601"))
    desk.night("pension", day(0))
    desk.deliver("pension", day(31), 2, "full", rows)
    night = desk.night("pension", day(31))
    assert statuses(night) == [outcome]
    assert night.count("rec", "closed_on IS NOT NULL") == 0, "a new month closes no earlier one"


def test_too_many_bad_rows_hold_a_delivery(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = [{"出生医学证明编号": "" if i < 25 else f"K88{i:07}", "新生儿姓名": "张三"} for i in range(100)]
    desk.deliver("birth", day(0), 1, "events", rows)
    desk.deliver("birth", day(1), 2, "events", [{"出生医学证明编号": "K880009999", "新生儿姓名": "李四"}])
    night = desk.night("birth", day(1))
    assert statuses(night) == ["held", "held"], "what comes later waits: a gap in events is as good as a loss"
    assert [r["gate"] for r in night.rows("gates", "outcome = 'held'")] == ["quarantine_share", "order"]


def test_a_few_bad_rows_of_a_small_delivery_hold_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.deliver("birth", day(0), 1, "events", [{"出生医学证明编号": ""}, {"出生医学证明编号": "K880000001", "新生儿姓名": "张三"}])
    night = desk.night("birth", day(0))
    [line] = night.rows("ledger")
    assert (line["status"], line["delivered"], line["new"], line["quarantined"]) == ("applied", 2, 1, 1)
