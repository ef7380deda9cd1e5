"""The best value of each field, whose it is, and that no row order matters."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.reconcile.config import load_rule_book
from pipelines.reconcile.examples import Case, prepared
from pipelines.settings import load_deployment

DEPLOYMENT = load_deployment(Path(__file__).parents[2] / "deployments" / "yunzhou")
BOOK = load_rule_book(DEPLOYMENT)
Rows = dict[str, list[dict[str, Any]]]


def persons(rows: Rows) -> dict[str, dict[str, Any]]:
    con = prepared(Case("T01", "persons", "fires", date(2026, 3, 1), rows, {}, (), (), (), ()), DEPLOYMENT, BOOK)
    result = con.execute("SELECT * FROM person ORDER BY person_id")
    names = [column[0] for column in result.description or ()]
    found = {row[0]: dict(zip(names, row, strict=True)) for row in result.fetchall()}
    con.close()
    return found


def test_precedence_then_recency_then_live() -> None:
    found = persons(
        {
            "police": [{"key": "E1", "person": "P1", "name": "王甲", "birth_date": date(1950, 5, 6), "sex": "M"}],
            "pension": [{"key": "A1", "person": "P1", "name": "王申", "birth_date": date(1951, 5, 6), "sex": "F", "division": "880221"}],
        }
    )["P1"]
    assert (found["name"], found["name_source"], found["sex"], found["division"], found["division_source"]) == (
        "王甲",
        "police",
        "M",
        "880221",
        "pension",
    )
    moved = persons(
        {
            "police": [
                {"key": "E1", "person": "P1", "name": "王甲", "changed_on": date(2026, 1, 1)},
                {"key": "E2", "person": "P1", "name": "王乙", "changed_on": date(2026, 2, 1)},
                {"key": "E3", "person": "P1", "name": "王丙", "changed_on": date(2026, 2, 9), "closed_on": date(2026, 2, 20)},
            ]
        }
    )["P1"]
    assert moved["name"] == "王乙"


def test_a_date_that_the_rows_own_number_contradicts_comes_last() -> None:
    number = "880103199206014301"
    found = persons(
        {
            "police": [{"key": "E1", "person": "P1", "birth_date": date(1902, 6, 1), "id_number": number}],
            "pension": [{"key": "A1", "person": "P1", "birth_date": date(1992, 6, 1), "id_number": number}],
        }
    )["P1"]
    assert (found["birth_date"], found["birth_date_source"], found["id_number"]) == (date(1992, 6, 1), "pension", number)


@pytest.mark.parametrize(
    ("rows", "source", "died_on"),
    [
        ({"death": [{"key": "D1", "person": "P1", "died_on": date(2025, 1, 2)}]}, "death", date(2025, 1, 2)),
        ({"cremation": [{"key": "C1", "person": "P1", "cremated_on": date(2025, 1, 9)}]}, "cremation", date(2025, 1, 9)),
        ({"police": [{"key": "E1", "person": "P1", "cancellation_kind": "death", "death_date": date(2025, 1, 5)}]}, "police", date(2025, 1, 5)),
    ],
)
def test_date_of_death(rows: Rows, source: str, died_on: date) -> None:
    found = persons(rows)["P1"]
    assert (found["death_date"], found["death_date_source"]) == (died_on, source)


def test_parents_come_from_the_certificate_and_else_from_a_number_that_one_person_holds() -> None:
    number = "880103196502140021"
    rows: Rows = {
        "police": [{"key": "E1", "person": "M1", "id_number": number}, {"key": "E2", "person": "P2", "mother_id": number}],
        "birth": [{"key": "B1", "child": "P1", "mother": "M1", "father": "F1"}],
    }
    found = persons(rows)
    assert (found["P1"]["mother_person_id"], found["P1"]["father_person_id"], found["P2"]["mother_person_id"]) == ("M1", "F1", "M1")
    rows["police"].append({"key": "E3", "person": "M2", "id_number": number})
    assert persons(rows)["P2"]["mother_person_id"] is None


def test_census_counts_as_a_record_but_gives_no_value() -> None:
    found = persons(
        {
            "census": [{"key": "H1|户主1", "person": "P1", "name": "王甲", "sex": "M"}],
            "electricity": [{"key": "U1", "person": "P1", "holder_name": "王甲"}],
        }
    )["P1"]
    assert (found["n_records"], found["sources"], found["sex"]) == (2, "census|electricity", None)


def test_row_order_does_not_matter() -> None:
    rows: Rows = {
        "police": [{"key": f"E{i}", "person": "P1", "name": f"王{i}", "sex": "MF"[i % 2]} for i in range(6)],
        "pension": [{"key": f"A{i}", "person": "P1", "name": f"李{i}", "division": f"88010{i}"} for i in range(6)],
    }
    assert persons(rows) == persons({source: given[::-1] for source, given in rows.items()})
