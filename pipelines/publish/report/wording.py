"""Figures and findings in words: numbers as readers write them, links and tests as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.publish.labels import Labels
from pipelines.publish.masking import Mask
from pipelines.publish.report.link_words import levels_in_words
from pipelines.publish.statements import Fact
from pipelines.publish.summary import Row

NOTHING = "—"


def thousands(value: float | None) -> str:
    """``12,345``; whole numbers without decimals, others with two; null as a dash."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def percent(value: float | None) -> str:
    """A probability: ``0.987``; 1 only when it is 1; null as a dash."""
    if value is None:
        return NOTHING
    return "1" if value == 1 else f"{min(value, 0.9999):.4f}" if value >= 0.999 else f"{value:.3f}"


@dataclass(frozen=True)
class Wording:
    """Sentences in one language. What may hold a value of a row goes through the mask."""

    words: Labels
    mask: Mask

    def reason(self, case: Row) -> str:
        """Why the case stands, in one sentence."""
        said = case["reason_zh"] if self.words.language == "zh" else case["reason"]
        return self.mask.text(str(said or self.words.fires(case["code"])))

    def terms(self, case: Row) -> list[str]:
        """Since when, how long past grace, the terms, when it was opened, where it stands."""
        words = self.words
        said = {
            "since": words("case.since", since=case["since"]) if case["since"] else "",
            "overdue": words("case.overdue", days=thousands(case["days_overdue"])) if case["days_overdue"] is not None else "",
            "grace": words("case.grace", days=case["grace_days"]) if case["grace_days"] is not None else "",
            "legal": words("case.legal", days=case["legal_days"]) if case["legal_days"] is not None else "",
            "opened": f"{words('col.opened_on')} {case['opened_on']}",
            "state": words(f"state.{case['state']}"),
        }
        return [text for text in said.values() if text]

    def fact(self, fact: Fact) -> str:
        """``待遇状态：发放``."""
        source = self.words.deployment.sources[fact.source]
        column = source.columns[fact.heading]
        colon = "：" if self.words.language == "zh" else ": "
        return self.words.column(source, fact.heading) + colon + self._value(column.type, fact.value, self.words.coded(column, fact.value))

    def _value(self, kind: str, value: Any, coded: str) -> str:
        if kind == "code":
            return coded
        if kind == "bool":
            return self.words("yes" if value else "no")
        return thousands(value) if kind == "decimal" else str(value)

    def link(self, link: Mapping[str, Any]) -> str:
        """``A ↔ B: sentence (tier, probability; levels)``."""
        zh = self.words.language == "zh"
        sides = [self._record(link, side) for side in ("", "other_")]
        sentence = str((link.get("sentence_zh") if zh else link.get("sentence")) or "")
        measure = [self.words(f"tier.{link['tier']}"), self.words("case.probability", probability=percent(link.get("probability")))]
        if link.get("levels"):
            measure.append(levels_in_words(str(link["levels"]), self.words.deployment, self.words))
        return f"{' ↔ '.join(sides)}{'：' if zh else ': '}{sentence}{'（' if zh else ' ('}{' · '.join(measure)}{'）' if zh else ')'}"

    def _record(self, link: Mapping[str, Any], side: str) -> str:
        return f"{self.words.source(str(link[f'{side}source']))} {self.mask.text(str(link[f'{side}record_key']))}"

    def tested(self, case: Row, test: Mapping[str, Any]) -> str:
        """An innocent explanation and what came of it."""
        text = test.get(self.words.language) or self.words.explanation(case["code"], str(test["name"]))
        return f"{text} — {self.words('test.' + test['outcome'])}" if test.get("outcome") else str(text)
