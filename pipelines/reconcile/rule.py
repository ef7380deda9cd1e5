"""A rule of the catalogue: one YAML file that says what fires, when, on whose authority, and how sure it is.

A rule holds two statements over the views of ``docs/reconcile.md``. ``sql`` gives one row per subject; ``evidence`` gives, for the
rows of ``found`` that outlast grace, horizons and innocent explanations, every source row they rest on. Everything else about a
finding is worked out alike for all rules.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator
from ruamel.yaml.error import MarkedYAMLError

from pipelines.contracts.codes import CODES
from pipelines.errors import ConfigError
from pipelines.settings import Frozen, Identifier, Text, plain_tree

Severity = Literal["info", "low", "medium", "high", "critical"]
Effect = Literal["clears", "info", "waits", "reviewer"]
BUILT_IN = Path(__file__).parent / "rules"


class Explanation(Frozen):
    """An innocent explanation.

    ``clears`` and ``info`` name a boolean column of ``sql``: true clears the would-be finding, or keeps it as information. ``waits`` is
    answered by grace and horizons before a finding arises. ``reviewer`` is what extracts cannot show, left to a person.
    """

    name: Identifier
    effect: Effect
    text: Text


class Mark(Frozen):
    """Another severity from a day on (days since the event), or where a boolean column of ``sql`` is true. The gravest mark counts."""

    severity: Severity
    after: int | None = None
    when: Identifier | None = None
    replaces: bool = False


class Grace(Frozen):
    """Defaults of ``grace.csv``: legal days (null = none in law) and the operational days that the rule waits."""

    legal: int | None = None
    operational: int = 0


class Certainty(Frozen):
    """P(the evidence is real | right links). ``when``: boolean columns of ``sql`` that change it; the smallest counts."""

    base: float = Field(gt=0, le=1)
    when: Mapping[Identifier, float] = {}


class Rule(Frozen):
    """One rule. Columns of ``sql`` are described in ``docs/reconcile.md``.

    ``words`` says in both languages what ``sql`` says by a code in the columns of ``reason``. ``asks``: what the department is asked to do.
    """

    code: str = Field(pattern=r"^[A-Z][0-9]{2}$")
    version: str
    name: Identifier
    title: Text
    fires: Text
    legal_basis: Text
    subject: Literal["person", "number", "row", "marriage", "division"]
    owner: str
    severity: Severity
    marks: tuple[Mark, ...] = ()
    escalate_after: tuple[int, ...] = ()
    watch_through: int | None = None
    grace: Grace = Grace()
    absent_from: tuple[str, ...] = ()
    two_people: bool = False
    certainty: Certainty
    explanations: tuple[Explanation, ...] = ()
    dates: tuple[Identifier, ...] = ()
    reason: Text
    words: Mapping[str, Text] = {}
    asks: Text | None = None
    sql: str
    evidence: str

    @model_validator(mode="after")
    def _matches_the_catalogue(self) -> "Rule":
        entry = CODES.get(self.code)
        if entry and (entry.name, entry.severity, entry.subject) != (self.name, self.severity, self.subject):
            raise ValueError(f"name, severity or subject differs from contracts.codes for {self.code}")
        return self

    def named(self, *effects: Effect) -> tuple[Explanation, ...]:
        """Explanations with one of ``effects``."""
        return tuple(e for e in self.explanations if e.effect in effects)


def load_rules(folders: Sequence[Path] = (BUILT_IN,)) -> tuple[Rule, ...]:
    """Every rule of the folders, by code. A later folder replaces a rule of the same code.

    Raises:
        ConfigError: RC-R01 a file is not readable, RC-R02 a rule is wrong, RC-R03 a file's name is not its code.
    """
    rules: dict[str, Rule] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yml")):
            if not path.name.endswith(".cases.yml"):
                rule = read_rule(path)
                rules[rule.code] = rule
    return tuple(rules[code] for code in sorted(rules))


def read_rule(path: Path) -> Rule:
    """Read one rule.

    Raises:
        ConfigError: RC-R01, RC-R02, RC-R03 as for :func:`load_rules`.
    """
    try:
        tree = plain_tree(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ConfigError("RC-R01", "not readable as YAML", where=f"{path}:{line}", why=str(error.problem or "")) from error
    try:
        rule = Rule.model_validate(tree)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'file'}: {e['msg']}" for e in error.errors(include_input=False))
        raise ConfigError("RC-R02", wrong, where=str(path), todo="Mend the keys named; docs/reconcile.md describes each") from error
    if rule.code != path.stem:
        raise ConfigError("RC-R03", f"rule '{rule.code}' stands in a file of another name", where=str(path), todo="Rename the file")
    return rule
