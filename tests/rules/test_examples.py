"""Every rule against its example table, and the tables against what a reader must see in them."""

import re
from pathlib import Path

import pytest

from pipelines.reconcile.config import RuleBook, load_rule_book
from pipelines.reconcile.examples import Case, disagreements, read_cases, run_case
from pipelines.reconcile.rule import BUILT_IN, Rule
from pipelines.settings import load_deployment

DEPLOYMENT = load_deployment(Path(__file__).parents[2] / "deployments" / "yunzhou")
BOOK = load_rule_book(DEPLOYMENT)
RULES = {rule.code: rule for rule in BOOK.rules}
CASES = {code: read_cases(BUILT_IN / f"{code}.cases.yml", tuple(DEPLOYMENT.sources)) for code in RULES}


@pytest.mark.parametrize("case", [c for cases in CASES.values() for c in cases], ids=lambda c: f"{c.code}: {c.case}")
def test_example(case: Case) -> None:
    assert disagreements(RULES[case.code], case, DEPLOYMENT, BOOK) == []


def wanted_kinds(rule: Rule, book: RuleBook) -> set[str]:
    """Kinds of example that a rule's table must hold."""
    grace = max((line.operational_days for line in book.grace if line.code == rule.code), default=0)
    kinds = {"fires", "silent", "null"}
    kinds |= {"grace day", "day after"} if grace else set()
    kinds |= {"stale"} if rule.absent_from else set()
    kinds |= {"cleared"} if rule.named("clears") else set()
    return kinds if rule.subject in ("row", "division") else kinds | {"weak link"}


@pytest.mark.parametrize("code", sorted(RULES))
def test_table_shows_every_kind_of_case(code: str) -> None:
    assert wanted_kinds(RULES[code], BOOK) - {case.kind for case in CASES[code]} == set()


@pytest.mark.parametrize("code", sorted(RULES))
def test_table_shows_every_clearing_explanation(code: str) -> None:
    shown = {cleared["explanation"] for case in CASES[code] for cleared in case.cleared}
    assert {explanation.name for explanation in RULES[code].named("clears")} - shown == set()


@pytest.mark.parametrize("code", sorted(code for code, rule in RULES.items() if rule.words))
def test_a_reason_is_in_one_language(code: str) -> None:
    firing = [case for case in CASES[code] if case.kind == "fires"][:4]
    reasons = [finding for case in firing for finding in run_case(RULES[code], case, DEPLOYMENT, BOOK)[0]]
    assert reasons
    for finding in reasons:
        assert not re.search("[A-Za-z]", finding["reason_zh"])
        assert not re.search("[\u3400-\u9fff_|]", finding["reason"])
