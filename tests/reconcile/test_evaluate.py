"""Findings against a small truth."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines.reconcile.evaluate import brier, evaluate_findings, reliability

TRUTH = pd.DataFrame(
    [
        ("D01", "T1", ["T1"], ["police|E1|self", "death|D1|deceased"], date(2026, 1, 1), None),
        ("D01", "T2", ["T2"], ["police|E2|self", "death|D2|deceased"], date(2026, 1, 1), None),
        ("D01", "T3", ["T3"], ["police|E3|self", "death|D3|deceased"], date(2026, 1, 1), date(2026, 1, 3)),
        ("A01", "880105", [], ["police|E1|self"], date(2026, 1, 2), None),
    ],
    columns=["code", "subject", "persons", "records", "first_night", "fixed_night"],
)
INNOCENTS = pd.DataFrame([("D01", "grace", ["police|E4|self", "death|D4|deceased"])], columns=["code", "kind", "records"])
RECORDS = pd.DataFrame(
    [(source, f"{letter}{n}", role, f"T{n}") for n in range(1, 6) for source, letter, role in (("police", "E", "self"), ("death", "D", "deceased"))],
    columns=["source", "record_key", "role", "person"],
)
PEOPLE = RECORDS.rename(columns={"person": "person_id"}).assign(person_id=lambda f: f["person_id"].str.replace("T", "P"))


def finding(number: str, code: str, *records: str, status: str = "open", confidence: float = 0.9, subject_key: str = "x") -> dict[str, Any]:
    rows = [dict(zip(("source", "record_key", "role"), record.split("|"), strict=True)) for record in records]
    return {
        "finding_id": number,
        "code": code,
        "status": status,
        "severity": "high",
        "records": rows,
        "confidence": confidence,
        "subject_key": subject_key,
    }


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    for name, frame in {"anomalies": TRUTH, "innocents": INNOCENTS, "records": RECORDS}.items():
        frame.to_parquet(tmp_path / f"{name}.parquet")
    return tmp_path


def test_right_false_missed_and_innocents(truth: Path) -> None:
    findings = pd.DataFrame(
        [
            finding("F1", "D01", "police|E1|self", "death|D1|deceased"),
            finding("F4", "D01", "police|E4|self", "death|D4|deceased"),
            finding("F9", "A01", "police|E5|self", subject_key="880105|2026-01"),
        ]
    )
    table = evaluate_findings(findings, truth, PEOPLE, date(2026, 1, 5)).set_index("code")
    d01 = table.loc["D01"]
    assert (d01["truth"], d01["found"], d01["right"], d01["false"], d01["missed"]) == (2, 2, 1, 1, 1)
    assert (d01["precision"], d01["recall"]) == (0.5, 0.5)
    assert (d01["innocents_flagged"], d01["false_by_link"]) == (1, 0)
    assert table.loc["A01", "right"] == 1
    assert table.loc["all", "found"] == 3


def test_what_is_mended_is_no_longer_due(truth: Path) -> None:
    findings = pd.DataFrame([finding("F3", "D01", "police|E3|self", "death|D3|deceased")])
    assert evaluate_findings(findings, truth, PEOPLE, date(2026, 1, 2)).set_index("code").loc["D01", "right"] == 1
    assert evaluate_findings(findings, truth, PEOPLE, date(2026, 1, 3)).set_index("code").loc["D01", "right"] == 0


def test_a_false_finding_from_a_wrong_link_is_ours(truth: Path) -> None:
    mixed = PEOPLE.assign(person_id=PEOPLE["person_id"].replace({"P5": "P4"}))
    findings = pd.DataFrame([finding("F5", "D01", "police|E4|self", "death|D5|deceased")])
    assert evaluate_findings(findings, truth, mixed, date(2026, 1, 5)).set_index("code").loc["D01", "false_by_link"] == 1


def test_calibration() -> None:
    matched = pd.DataFrame({"confidence": [0.95] * 4 + [0.45] * 2, "hit": [True, True, True, False, True, False]})
    table = reliability(matched)
    assert table["real"].tolist() == [0.5, 0.75]
    assert table["findings"].tolist() == [2, 4]
    assert brier(matched) == pytest.approx((3 * 0.05**2 + 0.95**2 + 0.55**2 + 0.45**2) / 6)
