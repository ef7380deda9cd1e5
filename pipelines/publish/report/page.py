"""The HTML report. Autoescape is on; style and script are inline and allowed by their hash, so that nothing else can run."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipelines.publish.casefile import CaseFile
from pipelines.publish.edition import Edition
from pipelines.publish.labels import LANGUAGES, Labels, Language, labels
from pipelines.publish.masking import Mask, Value
from pipelines.publish.report.attention import attention
from pipelines.publish.report.charts import bar, difference, stack, swatch, trend_chart
from pipelines.publish.report.timeline import event_text, timeline
from pipelines.publish.report.wording import Wording, percent, thousands
from pipelines.publish.summary import Row, Summary

FOLDER = Path(__file__).parent
SECTIONS = ("attention", "trend", "rules", "where", "ageing", "sources", "ledger", "quarantine", "links", "own", "cases", "definitions")
FIGURES = (
    ("persons", ""), ("findings", ""), ("cases_open", ""), ("cases_new", "warn"),
    ("cases_reopened", "bad"), ("cases_fixed", "good"), ("cases_overdue", "bad"), ("yuan", ""),
)  # fmt: skip
"""Figures that the report opens with, and the colour of one that isn't nought."""

OPENED = 1
"""Case files that stand open when the page is read."""


def render(edition: Edition, summary: Summary, files: Sequence[CaseFile], mask: Mask, language: Language, *, opened: int = OPENED) -> str:
    """The report as one HTML document. ``opened``: how many case files stand open."""
    words = labels(language, edition.deployment)
    config = edition.deployment.config
    style, script = (FOLDER / "style.css").read_text(encoding="utf-8"), (FOLDER / "script.js").read_text(encoding="utf-8")
    wording = Wording(words, mask)
    tonight = _tonight(edition, summary)
    page: str = _template().render(
        t=words,
        s=summary,
        title=getattr(config.title, language),
        basis=getattr(config.legal_basis, language),
        purpose=getattr(config.purpose, language),
        other=next((other for other in LANGUAGES if other != language and other in config.languages), None),
        style=Markup(style),  # noqa: S704  our own file
        script=Markup(script),  # noqa: S704  our own file
        style_hash=_hash(style),
        script_hash=_hash(script),
        sections=SECTIONS,
        figures=FIGURES,
        attention=attention(summary, config.quarantine.soft_limit, words),
        trend=trend_chart([*summary.lists["trend"], tonight], words),
        files=files,
        filters=_filters(files, words),
        opened=opened,
        place=lambda code: mask.place(code) or words("division.unknown"),
        bar=bar,
        stack=stack,
        swatch=swatch,
        value=partial(_value, words),
        balance=lambda holds: _balance(words, holds=holds),
        timeline=lambda file: timeline(file, summary.night, words),
        event=lambda item: event_text(item.event, words),
        fact=wording.fact,
        link=wording.link,
        tested=wording.tested,
        terms=wording.terms,
        reason=wording.reason,
    )
    return page


@cache
def _template() -> Any:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"count": thousands, "share": percent}
    return environment.get_template("report.html.j2")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _tonight(edition: Edition, summary: Summary) -> Row:
    """Tonight on the trend: as published, or, while it is being published, as counted."""
    if "trend" not in edition.tables:
        return {**summary.headline, "night": summary.night}
    with edition.open() as con:
        figures = con.execute("SELECT measure, value FROM trend WHERE member = '' AND night = getvariable('night')").fetchall()
    return {**{measure: int(value) for measure, value in figures}, "night": summary.night}


def _balance(words: Labels, *, holds: bool) -> Markup:
    text = f"✓ {words('ledger.balanced')}" if holds else words("ledger.unbalanced")
    return Markup('<span class="{}">{}</span>').format("ok" if holds else "ko", text)


def _value(words: Labels, name: str, value: Value) -> Markup:
    """A cell of the side-by-side table."""
    if not value.segments:
        return Markup('<span class="gone">—</span>')
    return difference(((words(f"sex.{value.text}"), value.differs),) if name == "sex" else value.segments)


def _filters(files: Sequence[CaseFile], words: Labels) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices of each filter: what occurs among the cases shown."""
    ways: Mapping[str, tuple[str, Any]] = {
        "rule": ("code", lambda code: f"{code} {words.rule(code)}"),
        "owner": ("owner", words.owner),
        "severity": ("severity", lambda severity: words(f"severity.{severity}")),
        "change": ("change", lambda change: words(f"change.{change}")),
    }
    return [(name, [(value, word(value)) for value in _said(files, column)]) for name, (column, word) in ways.items()]


def _said(files: Sequence[CaseFile], column: str) -> list[str]:
    cases: list[Row] = [file.case for file in files]
    return sorted({str(case[column]) for case in cases})
