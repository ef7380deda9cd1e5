"""Rules as files: complete, portable, and right about their own columns."""

import pytest
import sqlglot
from sqlglot import exp

from pipelines.contracts.codes import CODES
from pipelines.reconcile.registers import REGISTERS
from pipelines.reconcile.rule import Rule, load_rules
from pipelines.reconcile.sentences import PLACEHOLDER
from pipelines.reconcile.views import AFTER_PERSON, BEFORE_PERSON, MADE_HERE

RULES = load_rules()
VIEWS = {*BEFORE_PERSON, *AFTER_PERSON, *MADE_HERE, "ledger", "known_source", "found", *(f"rec_{r}" for r in REGISTERS)}
PERSONAL = {"name", "id_number", "birth_date", "address", "id_text", "born_on"}


def test_every_code_of_the_catalogue_has_a_rule() -> None:
    assert [rule.code for rule in RULES] == sorted(CODES)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
@pytest.mark.parametrize("statement", ["sql", "evidence"])
def test_statement_reads_documented_views_only_and_becomes_spark_sql(rule: Rule, statement: str) -> None:
    text = getattr(rule, statement)
    tree = sqlglot.parse_one(text, read="duckdb")
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    assert {table.name for table in tree.find_all(exp.Table)} - named - VIEWS == set()
    [spark] = sqlglot.transpile(text, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    sqlglot.parse_one(spark, read="spark")


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_reason_names_no_personal_column_and_says_the_same_in_both_languages(rule: Rule) -> None:
    english, chinese = (set(PLACEHOLDER.findall(text)) for text in (rule.reason.en, rule.reason.zh))
    assert english & PERSONAL == set()
    assert chinese <= english
    assert not set(rule.dates) & {"birth_date"}


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.code)
def test_rule_states_its_law_and_its_innocent_explanations(rule: Rule) -> None:
    assert rule.legal_basis.zh
    assert rule.legal_basis.en
    assert rule.explanations
