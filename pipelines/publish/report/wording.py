"""Figures and findings in words: numbers as readers write them, links and tests as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.publish.labels import Labels
from pipelines.publish.masking import Mask, Value
from pipelines.publish.report.link_words import levels_in_words
from pipelines.publish.statements import Fact
from pipelines.publish.summary import Row

NOTHING = "—"


def thousands(value: float | None) -> str:
    """``12,345``; whole numbers without decimals, others with one or two; null as a dash."""
    if value is None:
        return NOTHING
    if float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.2f}" if round(value, 1) != value else f"{value:,.1f}"


def money(value: float) -> str:
    """``31,904.10``; nought as ``0``."""
    return f"{value:,.2f}" if value else "0"


def signed(value: float) -> str:
    """``+12``, ``−3.9``; nought without a sign."""
    return f"{'−' if value < 0 else '+' if value > 0 else ''}{thousands(abs(value))}"


def per_cent(value: float | None) -> str:
    """A share: ``98.7 %``; null as a dash."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def percent(value: float | None) -> str:
    """A probability: ``0.987``; 1 only when it is 1; null as a dash."""
    if value is None:
        return NOTHING
    return "1" if value == 1 else f"{min(value, 0.9999):.4f}" if value >= 0.999 else f"{value:.3f}"


@dataclass(frozen=True)
class Linked:
    """A link as a reader meets it: the two records, why, how sure, and what each comparison adds (in bits; null = a sure tier)."""

    sides: str
    sentence: str
    measure: str
    levels: tuple[tuple[str, float | None], ...]


@dataclass(frozen=True)
class Wording:
    """Sentences in one language. What may hold a value of a row goes through the mask."""

    words: Labels
    mask: Mask

    def reason(self, case: Row) -> str:
        """Why the case stands, in one sentence."""
        said = case["reason_zh"] if self.words.language == "zh" else case["reason"]
        return self.mask.text(str(said or self.words.fires(case["code"])))

    def asked(self, case: Row) -> str:
        """What the department is asked to do; empty when the rule asks for nothing."""
        return self.words.asks(case["code"]) if case["is_open"] else ""

    def place(self, code: str | None) -> str:
        """A division by name."""
        return self.mask.place(code, self.words.language)

    def value(self, name: str, value: Value) -> Value:
        """A side-by-side value with codes in words."""
        if not value.segments or name not in ("sex", "division"):
            return value
        return Value(((self.words(f"sex.{value.text}") if name == "sex" else self.place(value.text), value.differs),))

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
        return money(value) if kind == "decimal" else str(value)

    def link(self, link: Mapping[str, Any]) -> str:
        """``A ↔ B: sentence (tier, probability; levels)``."""
        zh = self.words.language == "zh"
        said = self.linked(link)
        levels = ("，" if zh else ", ").join(text if bits is None else f"{text} {bits:+.0f}" for text, bits in said.levels)
        measure = " · ".join(filter(None, (said.measure, levels)))
        return f"{said.sides}{'：' if zh else ': '}{said.sentence}{'（' if zh else ' ('}{measure}{'）' if zh else ')'}"

    def linked(self, link: Mapping[str, Any]) -> Linked:
        """A link in pieces."""
        sentence = link.get("sentence_zh") if self.words.language == "zh" else link.get("sentence")
        probability = self.words("case.probability", probability=percent(link.get("probability")))
        return Linked(
            sides=" ↔ ".join(self._record(link, side) for side in ("", "other_")),
            sentence=str(sentence or ""),
            measure=" · ".join((self.words(f"tier.{link['tier']}"), probability)),
            levels=tuple(levels_in_words(str(link.get("levels") or ""), self.words.deployment, self.words)),
        )

    def _record(self, link: Mapping[str, Any], side: str) -> str:
        return f"{self.words.source(str(link[f'{side}source']))} {self.mask.text(str(link[f'{side}record_key']))}"

    def tested(self, case: Row, test: Mapping[str, Any]) -> str:
        """An innocent explanation and what came of it."""
        text = test.get(self.words.language) or self.words.explanation(case["code"], str(test["name"]))
        return f"{text} — {self.words('test.' + test['outcome'])}" if test.get("outcome") else str(text)
