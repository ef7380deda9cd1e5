"""Grace by rule, division, area and date range."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.errors import ConfigError
from pipelines.reconcile.config import GRACE_COLUMNS, GraceLine, RuleBook, load_rule_book, read_grace
from pipelines.reconcile.examples import Case, run_case
from pipelines.settings import load_deployment

DEPLOYMENT = load_deployment(Path(__file__).parents[2] / "deployments" / "yunzhou")
BOOK = load_rule_book(DEPLOYMENT)
D01 = next(rule for rule in BOOK.rules if rule.code == "D01")
LINES = (
    GraceLine("D01", "", None, None, None, 30, 30),
    GraceLine("D01", "", "urban", None, None, 0, 20),
    GraceLine("D01", "8802", None, None, None, 30, 40),
    GraceLine("D01", "880221", None, date(2026, 1, 1), None, 30, 10),
    GraceLine("D01", "880221", None, None, date(2025, 12, 31), 30, 50),
    GraceLine("D02", "880105", None, None, None, 0, 0),
)
BOOK_OF_LINES = RuleBook(BOOK.config, BOOK.rules, LINES)


@pytest.mark.parametrize(
    ("division", "died_on", "grace_days", "legal_days"),
    [
        ("880124", "2025-11-01", 30, 30),  # a county: the plain line
        ("880105", "2025-11-01", 20, 0),  # a city district: the urban line
        ("880202", "2025-11-01", 40, 30),  # a city district of 8802: the longer division wins over the area
        ("880221", "2025-11-01", 50, 30),  # a county's own line, before 2026
        ("880221", "2026-01-02", 10, 30),  # and since
        (None, "2025-11-01", 30, 30),
    ],
)
def test_the_closest_line_counts(division: str | None, died_on: str, grace_days: int, legal_days: int) -> None:
    rows: dict[str, list[dict[str, object]]] = {
        "police": [{"key": "E1", "person": "P1", "division": division}],
        "death": [{"key": "D1", "person": "P1", "died_on": date.fromisoformat(died_on)}],
    }
    case = Case("D01", "grace", "fires", date(2026, 3, 1), rows, {}, (), (), (), ())
    [finding], _ = run_case(D01, case, DEPLOYMENT, BOOK_OF_LINES)
    assert (finding["grace_days"], finding["legal_days"]) == (grace_days, legal_days)
    assert finding["days_overdue"] == (date(2026, 2, 28) - date.fromisoformat(died_on)).days - grace_days


def test_a_rule_that_grace_csv_leaves_out_keeps_its_default() -> None:
    assert any(line.code == "B03" and line.operational_days == 0 for line in BOOK.grace)


@pytest.mark.parametrize(
    ("line", "what"),
    [("D01,,suburban,,,30,30", "area"), ("D01,,,2026-13-01,,30,30", "month"), ("D01,,,,,30,", "int")],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, what: str) -> None:
    path = tmp_path / "grace.csv"
    path.write_text(",".join(GRACE_COLUMNS) + f"\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=f"RC-R05 .*row 1.*{what}"):
        read_grace(path)


def test_a_wrong_header_is_named(tmp_path: Path) -> None:
    path = tmp_path / "grace.csv"
    path.write_text("code,days\nD01,30\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="RC-R05"):
        read_grace(path)
