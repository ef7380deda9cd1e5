"""What a deployment says about its rules: ``rules.yml``, ``grace.csv``, and the folder ``rules/`` of its own rules."""

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from string import Template

from pydantic import Field, ValidationError
from ruamel.yaml import YAML

from pipelines.errors import ConfigError
from pipelines.reconcile.rule import BUILT_IN, Rule, load_rules
from pipelines.settings import Deployment, Frozen

GRACE_COLUMNS = ("code", "division", "area", "valid_from", "valid_to", "legal_days", "operational_days")
DEFAULT_PRECEDENCE: Mapping[str, tuple[str, ...]] = {
    "name": ("police", "birth", "school", "marriage", "pension", "death", "cremation", "electricity"),
    "sex": ("police", "birth", "school", "pension", "death", "cremation", "marriage"),
    "birth_date": ("birth", "police", "school", "pension", "marriage", "death"),
    "id_number": ("police", "pension", "marriage", "death", "school", "cremation", "birth", "electricity"),
    "division": ("police", "pension", "school", "birth"),
    "address": ("police", "school", "birth", "death", "cremation"),
    "death_date": ("death", "cremation", "police"),
}


class ReconcileConfig(Frozen):
    """``rules.yml``. ``registers`` says which source plays which register of the catalogue, when it bears another name.

    ``number_key``: see :func:`number_key`.
    """

    review_below: float = Field(default=0.9, ge=0, le=1)
    registers: Mapping[str, str] = {}
    precedence: Mapping[str, tuple[str, ...]] = {}
    constants: Mapping[str, tuple[str, ...]] = {}
    urban_divisions: str = ""
    off: tuple[str, ...] = ()
    number_key: str = ""

    def order(self, field: str) -> tuple[str, ...]:
        """Registers in the order in which they are believed about ``field``."""
        return self.precedence.get(field, DEFAULT_PRECEDENCE[field])


@dataclass(frozen=True)
class GraceLine:
    """One line of ``grace.csv``: null or blank fits everything; the longest division, then the area, then the date range win."""

    code: str
    division: str
    area: str | None
    valid_from: date | None
    valid_to: date | None
    legal_days: int | None
    operational_days: int


@dataclass(frozen=True)
class RuleBook:
    """The rules of a deployment, their grace and its settings."""

    config: ReconcileConfig
    rules: tuple[Rule, ...]
    grace: tuple[GraceLine, ...]


def load_rule_book(deployment: Deployment) -> RuleBook:
    """Read what a deployment says about its rules; what it leaves out keeps the built-in value.

    Raises:
        ConfigError: RC-R04 ``rules.yml`` is wrong; RC-R05 ``grace.csv`` is wrong; RC-R01 to RC-R03 a rule is wrong.
    """
    config = read_config(deployment.file(deployment.config.rules))
    rules = tuple(r for r in load_rules((BUILT_IN, deployment.folder / "rules")) if r.code not in config.off)
    given = read_grace(deployment.file(deployment.config.grace))
    defaults = tuple(GraceLine(r.code, "", None, None, None, r.grace.legal, r.grace.operational) for r in rules)
    said = {(line.code, line.division, line.area, line.valid_from) for line in given}
    return RuleBook(config, rules, given + tuple(d for d in defaults if (d.code, "", None, None) not in said))


def number_key(deployment: Deployment, config: ReconcileConfig) -> str:
    """The key of the hashes that stand for identity numbers, where a number itself is what a finding is about.

    ``${NAME}`` in ``number_key`` is taken from the environment, so that no secret stands in a file. Who knows the key can try all numbers out;
    so only made-up people may do without one: the deployment's name then stands in. Another key makes other finding ids.

    Raises:
        ConfigError: RC-R08 the variable is not set, or real people's numbers have no key.
    """
    where = str(deployment.file(deployment.config.rules))
    try:
        key = Template(config.number_key).substitute(os.environ)
    except (KeyError, ValueError):
        raise ConfigError("RC-R08", "number_key names a variable that is not set", where=where, todo="Set it in the environment") from None
    if not key and not deployment.config.synthetic:
        raise ConfigError("RC-R08", "numbers of real people need a secret key", where=where, todo="Write 'number_key: ${ROLLCALL_NUMBER_KEY}'")
    return key or deployment.config.name


def read_config(path: Path) -> ReconcileConfig:
    """``rules.yml``; defaults when there is none."""
    if not path.is_file():
        return ReconcileConfig()
    tree = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
    try:
        return ReconcileConfig.model_validate(tree)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
        raise ConfigError("RC-R04", wrong, where=str(path), todo="Mend the keys named; docs/reconcile.md describes each") from error


def read_grace(path: Path) -> tuple[GraceLine, ...]:
    """``grace.csv``; nothing when there is none."""
    if not path.is_file():
        return ()
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(line for line in file if not line.startswith("#"))
        if tuple(reader.fieldnames or ()) != GRACE_COLUMNS:
            raise ConfigError("RC-R05", f"columns are not {','.join(GRACE_COLUMNS)}", where=str(path), todo="Write this header line")
        return tuple(_grace_line(row, f"{path}:row {number}") for number, row in enumerate(reader, 1))


def _grace_line(row: Mapping[str, str], where: str) -> GraceLine:
    if row["area"] not in ("", "urban", "rural"):
        raise ConfigError("RC-R05", f"area '{row['area']}' is neither urban, rural nor blank", where=where, todo="Correct the line")
    try:
        return GraceLine(
            code=row["code"],
            division=row["division"],
            area=row["area"] or None,
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            legal_days=int(row["legal_days"]) if row["legal_days"] else None,
            operational_days=int(row["operational_days"]),
        )
    except ValueError as error:
        raise ConfigError("RC-R05", str(error), where=where, todo="Dates are YYYY-MM-DD, days whole numbers") from error
