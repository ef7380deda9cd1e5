"""A deployment adds a rule with two YAML files, and no Python."""

import shutil
from pathlib import Path

import pytest

from pipelines.desk import validate_config
from pipelines.errors import ConfigError
from pipelines.reconcile.config import load_rule_book, number_key, read_config
from pipelines.reconcile.examples import check_rules
from pipelines.settings import Deployment, load_deployment

SAMPLE = Path(__file__).parents[2] / "deployments" / "yunzhou"
RULE = """
code: X01
version: "1.0"
name: household_of_many
title: {zh: 超大户, en: Household of many}
fires: {zh: 一户十人以上。, en: More than ten live entries in one household.}
legal_basis: {zh: 本地规定。, en: Local rule.}
subject: division
owner: police
severity: low
certainty: {base: 0.5}
explanations:
  - {name: collective, effect: reviewer, text: {zh: 集体户。, en: A collective household.}}
reason: {zh: "本户{members}人。", en: "{members} live entries in one household."}
sql: |
  SELECT household_no AS subject_key, CAST(NULL AS DATE) AS event_date, count(*) AS members, max(division) AS division
  FROM entry
  WHERE live AND household_no IS NOT NULL
  GROUP BY household_no
  HAVING count(*) > 10
evidence: |
  SELECT f.subject_key, e.source, e.record_key, e.role
  FROM found AS f
  INNER JOIN entry AS e ON e.household_no = f.subject_key
"""
ROWS = ", ".join(f"{{key: E{i}, person: P{i}, household_no: H1}}" for i in range(11))
TABLE = f"""
- case: eleven
  kind: fires
  police: [{ROWS}]
  finds: [{{subject: H1, severity: low, confidence: 0.5, people: 11}}]
- case: ten
  kind: silent
  police: [{ROWS.rsplit(", {", 1)[0]}]
- case: no household
  kind: "null"
  police: [{{key: E1, person: P1}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLE, tmp_path / "yunzhou")
    (tmp_path / "yunzhou" / "rules").mkdir(exist_ok=True)
    return tmp_path / "yunzhou"


def with_rule(folder: Path, rule: str = RULE, table: str | None = TABLE) -> Deployment:
    (folder / "rules" / "X01.yml").write_text(rule, encoding="utf-8")
    if table is not None:
        (folder / "rules" / "X01.cases.yml").write_text(table, encoding="utf-8")
    return load_deployment(folder)


def test_a_rule_of_the_folder_runs_with_its_table(folder: Path) -> None:
    deployment = with_rule(folder)
    assert "X01" in {rule.code for rule in load_rule_book(deployment).rules}
    assert check_rules(deployment) == []


def test_a_table_that_disagrees_is_told(folder: Path) -> None:
    deployment = with_rule(folder, table=TABLE.replace("severity: low", "severity: high"))
    assert check_rules(deployment) == ["X01, eleven: severity is low, not high"]


def test_validate_config_runs_the_tables(folder: Path) -> None:
    with_rule(folder)
    checks = {check["what"]: check["found"] for check in validate_config(folder)["checks"]}
    assert checks["examples of this folder's rules"] == "1 tables agree"
    with_rule(folder, table=TABLE.replace("severity: low", "severity: high"))
    with pytest.raises(ConfigError, match=r"RC-R09.*X01, eleven: severity is low, not high"):
        validate_config(folder)


def test_real_numbers_need_a_secret_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    main, rules = folder / "deployment.yml", folder / "rules.yml"
    main.write_text(main.read_text(encoding="utf-8").replace("synthetic: true", "synthetic: false"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"RC-R08.*numbers of real people need a secret key"):
        validate_config(folder)
    rules.write_text(rules.read_text(encoding="utf-8") + "number_key: ${ROLLCALL_NUMBER_KEY}\n", encoding="utf-8")
    monkeypatch.delenv("ROLLCALL_NUMBER_KEY", raising=False)
    with pytest.raises(ConfigError, match=r"RC-R08.*number_key names a variable"):
        validate_config(folder)
    monkeypatch.setenv("ROLLCALL_NUMBER_KEY", "only here")
    deployment = load_deployment(folder)
    assert number_key(deployment, read_config(rules)) == "only here"


def test_a_rule_without_a_table_is_told(folder: Path) -> None:
    assert check_rules(with_rule(folder, table=None)) == ["X01: no example table X01.cases.yml"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("FROM entry", "FROM entrance"), "RC-R07"),
        (("count(*) AS members", "count(*) AS heads"), "RC-R06"),
        (("household_no AS subject_key", "division AS subject_key"), "RC-R07"),
        (("severity: low", "severity: grave"), "RC-R02"),
        (("code: X01", "code: X02"), "RC-R03"),
        (("owner: police", "owner: [police"), "RC-R01"),
    ],
)
def test_a_wrong_rule_is_an_error_with_a_code(folder: Path, change: tuple[str, str], code: str) -> None:
    with pytest.raises(ConfigError, match=code):
        check_rules(with_rule(folder, rule=RULE.replace(*change)))


def test_a_rule_can_be_switched_off_and_replaced(folder: Path) -> None:
    (folder / "rules.yml").write_text("off: [L02]\n", encoding="utf-8")
    assert "L02" not in {rule.code for rule in load_rule_book(load_deployment(folder)).rules}


def test_an_unknown_setting_is_an_error(folder: Path) -> None:
    (folder / "rules.yml").write_text("review_bellow: 0.8\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"RC-R04.*review_bellow"):
        load_rule_book(load_deployment(folder))
