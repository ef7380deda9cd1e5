"""Every rule against its example table: what it finds, what it clears, and that the table shows all that a reader must see."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.reconcile.config import RuleBook, load_rule_book
from pipelines.reconcile.examples import Case, read_cases, run_case
from pipelines.reconcile.rule import BUILT_IN, Rule
from pipelines.settings import Deployment, load_deployment

DEPLOYMENT = load_deployment(Path(__file__).parents[2] / "deployments" / "yunzhou")
BOOK = load_rule_book(DEPLOYMENT)
RULES = {rule.code: rule for rule in BOOK.rules}
CASES = {code: read_cases(BUILT_IN / f"{code}.cases.yml", tuple(DEPLOYMENT.sources)) for code in RULES if (BUILT_IN / f"{code}.cases.yml").is_file()}
COMPARED = ("status", "severity", "since", "days_overdue", "division", "escalation", "person_ids")


@pytest.mark.parametrize("case", [c for cases in CASES.values() for c in cases], ids=lambda c: f"{c.code}: {c.case}")
def test_example(case: Case) -> None:
    found, cleared = run_case(RULES[case.code], case, DEPLOYMENT, BOOK)
    assert len(found) == len(case.finds), [f["subject_key"] for f in found]
    for finding, wanted in zip(found, case.finds, strict=True):
        assert_matches(finding, wanted)
    assert [c["explanation"] for c in cleared] == [c["explanation"] for c in case.cleared]


def assert_matches(finding: dict[str, Any], wanted: dict[str, Any]) -> None:
    for name in COMPARED:
        if name in wanted:
            assert finding[name] == wanted[name], name
    if "subject" in wanted:
        assert finding["subject_key"] == wanted["subject"]
    if "records" in wanted:
        assert ["/".join((r["source"], r["record_key"], r["role"])) for r in finding["records"]] == wanted["records"]
    if "confidence" in wanted:
        assert finding["confidence"] == pytest.approx(wanted["confidence"])
    if "yuan" in wanted:
        assert finding["yuan"] == Decimal(str(wanted["yuan"]))
    assert finding["as_of"] > date(2000, 1, 1) and "?" not in finding["reason"] + finding["reason_zh"]


def wanted_kinds(rule: Rule, book: RuleBook, deployment: Deployment) -> set[str]:
    """Kinds of example that a rule's table must hold."""
    grace = max((g.operational_days for g in book.grace if g.code == rule.code), default=0)
    kinds = {"fires", "silent", "null"}
    kinds |= {"grace day", "day after"} if grace else set()
    kinds |= {"stale"} if rule.absent_from else set()
    kinds |= {"cleared"} if rule.named("clears") else set()
    return kinds if rule.subject in ("row", "division") else kinds | {"weak link"}


@pytest.mark.parametrize("code", sorted(RULES))
def test_table_shows_every_kind_of_case(code: str) -> None:
    assert wanted_kinds(RULES[code], BOOK, DEPLOYMENT) - {case.kind for case in CASES.get(code, ())} == set()
