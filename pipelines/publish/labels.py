"""How sources, columns and codes are called in the language of the reader, from the deployment's and the rules' own files."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML

import pipelines
from expectations import load_suite
from pipelines.contracts.codes import CODES
from pipelines.settings import ColumnConfig, Deployment, SourceConfig, plain_tree

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True)
class Labels:
    """Words for one language."""

    language: Language
    deployment: Deployment
    texts: Mapping[str, str]
    rules: Mapping[str, Mapping[str, Any]]

    def __call__(self, key: str, **values: object) -> str:
        """A text of the catalogue; an unknown key is shown as words, so that a new code never breaks a report."""
        text = self.texts.get(key, key.rsplit(".", 1)[-1].replace("_", " "))
        return text.format(**values) if values else text

    def source(self, name: str) -> str:
        """Title of a source: 常住人口登记, Household register."""
        source = self.deployment.sources.get(name)
        return getattr(source.title, self.language) if source else name

    def owner(self, name: str) -> str:
        """The department that owns a source."""
        source = self.deployment.sources.get(name)
        return getattr(source.owner, self.language) if source else name

    def column(self, source: SourceConfig, heading: str) -> str:
        """A delivered column: the department's own heading in Chinese, the canonical name as words in English."""
        return heading if self.language == "zh" else source.columns[heading].name.replace("_", " ")

    def dated(self, name: str) -> str:
        """A date by its canonical name: the heading of the first source that delivers it, in Chinese."""
        if f"date.{name}" in self.texts:
            return self.texts[f"date.{name}"]
        headings = (h for s in self.deployment.sources.values() for h, c in s.columns.items() if c.name == name)
        return next(headings, name.replace("_", " ")) if self.language == "zh" else name.replace("_", " ")

    def coded(self, column: ColumnConfig, value: object) -> str:
        """A coded value in the department's words, or as canonical words."""
        if self.language == "zh":
            return next((word for word, code in column.values.items() if code == value), str(value))
        return str(value).replace("_", " ")

    def rule(self, code: str) -> str:
        """Title of a rule."""
        known = CODES.get(code)
        return self._rule_text(code, "title") or (known.name.replace("_", " ") if known else code)

    def law(self, code: str) -> str:
        """Legal basis of a rule, when its file states one."""
        return self._rule_text(code, "legal_basis")

    def fires(self, code: str) -> str:
        """When a rule fires."""
        return self._rule_text(code, "fires")

    def asks(self, code: str) -> str:
        """What the department is asked to do."""
        return self._rule_text(code, "asks")

    def absent(self, code: str) -> tuple[str, ...]:
        """Sources in which a rule misses a record."""
        registers = self.rules.get(code, {}).get("absent_from") or ()
        names = _registers(self.deployment.file(self.deployment.config.rules))
        return tuple(names.get(register, register) for register in registers)

    def explanation(self, code: str, name: str) -> str:
        """An innocent explanation in words."""
        listed = self.rules.get(code, {}).get("explanations") or ()
        return next((str(e["text"][self.language]) for e in listed if e.get("name") == name and "text" in e), name.replace("_", " "))

    def check(self, source: str, rule: str) -> str:
        """A check of a source's suite, or a parser's code, with its title."""
        config = self.deployment.sources.get(source)
        found = _checks(self.deployment.folder, config.suite).get(rule, {}) if config else {}
        title = found.get(f"title_{self.language}")
        return f"{rule} {title}" if title else self.coded_reason(rule)

    def coded_reason(self, code: str) -> str:
        """An RC- code with what it means."""
        return f"{code} {self.texts.get(f'check.{code}', '')}".rstrip()

    def _rule_text(self, code: str, key: str) -> str:
        return str((self.rules.get(code, {}).get(key) or {}).get(self.language, ""))


def labels(language: Language, deployment: Deployment) -> Labels:
    """The words of a language for a deployment."""
    return Labels(language, deployment, _texts(language), _rules(deployment.folder))


@cache
def _rules(deployment: Path) -> Mapping[str, Mapping[str, Any]]:
    """Rule files as plain trees, by code; a deployment's own replace the built-in ones."""
    found = {}
    for folder in (Path(pipelines.__file__).parent / "reconcile" / "rules", deployment / "rules"):
        for path in sorted(p for p in folder.glob("*.yml") if not p.name.endswith(".cases.yml")):
            found[path.stem] = plain_tree(path.read_text(encoding="utf-8")) or {}
    return found


@cache
def _registers(path: Path) -> Mapping[str, str]:
    """Register -> source, where a deployment calls it otherwise."""
    tree = (YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}) if path.is_file() else {}
    return tree.get("registers") or {}


@cache
def _checks(deployment: Path, suite: str) -> Mapping[str, Mapping[str, str]]:
    """Titles of a suite's checks, by rule; the deployment's own suite comes before the bundled one. Suites are read as data and not run."""
    places = (deployment / "expectations" / suite, Path(pipelines.__file__).parents[1] / "expectations" / suite)
    path = next((place for place in places if place.is_file()), None)
    tree = load_suite(path) if path else {}
    return {e["meta"]["rule"]: e["meta"] for e in tree.get("expectations", ()) if "rule" in e.get("meta", {})}


@cache
def _texts(language: Language) -> Mapping[str, str]:
    with (Path(__file__).parent / "report" / "texts.csv").open(encoding="utf-8", newline="") as file:
        return {row["key"]: row[language] for row in csv.DictReader(file)}
