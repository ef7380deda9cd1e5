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
from pipelines.publish.report.attention import attention, verdict
from pipelines.publish.report.charts import SEVERITIES, bar, difference, interval, stack, swatch, trend_chart
from pipelines.publish.report.checks import checks
from pipelines.publish.report.timeline import event_text, timeline
from pipelines.publish.report.wording import Wording, money, per_cent, percent, signed, thousands
from pipelines.publish.summary import Row, Summary

FOLDER = Path(__file__).parent
SECTIONS = (
    "front", "todo", "news", "trend", "rules", "where", "ageing", "sources", "ledger", "quarantine", "coverage", "links", "own", "checks", "cases",
    "definitions",
)  # fmt: skip
MOVES = (
    ("", "cases_before", ""), ("+", "cases_raised", "warn"), ("+", "cases_reopened", "bad"), ("−", "cases_fixed", "good"),
    ("−", "cases_cleared", ""), ("=", "cases_open", "sum"),
)  # fmt: skip
"""What became of the cases, as an equation: sign, figure, and the colour of one that isn't nought."""
FIGURES = (("cases_overdue", "bad"), ("cases_escalated", "warn"), ("people_concerned", ""), ("yuan", ""), ("findings_review", ""))
"""Figures that the report opens with besides, and the colour of one that isn't nought."""

OPENED = 1
"""Case files that stand open when the page is read."""
TOPS = 12
"""Case files that are printed: the gravest of each rule."""


def render(edition: Edition, summary: Summary, files: Sequence[CaseFile], mask: Mask, language: Language, *, opened: int = OPENED) -> str:
    """The report as one HTML document. ``opened``: how many case files stand open."""
    words = labels(language, edition.deployment)
    config = edition.deployment.config
    style, script = (FOLDER / "style.css").read_text(encoding="utf-8"), (FOLDER / "script.js").read_text(encoding="utf-8")
    wording = Wording(words, mask)
    tonight = _tonight(edition, summary)
    lines = attention(summary, config.quarantine.soft_limit, words)
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
        sections=[name for name in SECTIONS if name != "news" or summary.since],
        moves=MOVES,
        gravity={severity: sum(row[severity] for row in summary.lists["ageing"]) for severity in SEVERITIES},
        figures=FIGURES,
        attention=lines,
        verdict=verdict(lines),
        checks=checks(summary, words),
        trend=trend_chart([*summary.lists["trend"], tonight], words),
        files=files,
        filters=_filters(files, wording),
        opened=opened,
        tops=tops(files),
        place=lambda code: wording.place(code) or words("division.unknown"),
        native=mask.place,
        horizons={row["source"]: row["horizon"] for row in summary.lists["sources"]},
        absent=lambda file: _absent(file, words),
        interval=interval,
        bar=bar,
        stack=stack,
        swatch=swatch,
        value=partial(_value, wording),
        balance=partial(_balance, words),
        timeline=lambda file: timeline(file, summary.night, words),
        event=lambda item: event_text(item.event, words),
        fact=wording.fact,
        asked=wording.asked,
        link=wording.linked,
        tested=wording.tested,
        terms=wording.terms,
        reason=wording.reason,
    )
    return page


@cache
def _template() -> Any:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"count": thousands, "share": percent, "percent": per_cent, "signed": signed, "money": money}
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


def _balance(words: Labels, holds: bool, well: str = "ledger.balanced", ill: str = "ledger.unbalanced") -> Markup:  # noqa: FBT001  called by a template
    text = f"✓ {words(well)}" if holds else words(ill)
    return Markup('<span class="{}">{}</span>').format("ok" if holds else "ko", text)


def _value(wording: Wording, name: str, value: Value) -> Markup:
    """A cell of the side-by-side table. Names stand in ``bdi``: they are in the register's script, whatever the page's."""
    if not value.segments:
        return Markup('<span class="gone">—</span>')
    shown = difference(wording.value(name, value).segments)
    return Markup("<bdi>{}</bdi>").format(shown) if name in ("name", "former_name") else shown


def tops(files: Sequence[CaseFile]) -> tuple[str, ...]:
    """The first case of each rule, as many as are printed."""
    first = {file.case["code"]: str(file.case["case_id"]) for file in reversed(files)}
    return tuple(str(file.case["case_id"]) for file in files if first[file.case["code"]] == file.case["case_id"])[:TOPS]


def _absent(file: CaseFile, words: Labels) -> list[str]:
    """Sources in which the rule misses a record of the case's people: shown as an empty column beside what is there."""
    there = {record.source for record in file.records}
    return [source for source in words.absent(file.case["code"]) if source in words.deployment.sources and source not in there]


def _filters(files: Sequence[CaseFile], wording: Wording) -> list[tuple[str, list[tuple[str, str]]]]:
    """Choices of each filter: what occurs among the cases shown."""
    words = wording.words
    ways: Mapping[str, tuple[str, Any]] = {
        "rule": ("code", lambda code: f"{code} {words.rule(code)}"),
        "owner": ("owner", words.owner),
        "division": ("division", wording.place),
        "severity": ("severity", lambda severity: words(f"severity.{severity}")),
        "change": ("change", lambda change: words(f"change.{change}")),
    }
    return [(name, [(value, word(value)) for value in _said(files, column)]) for name, (column, word) in ways.items()]


def _said(files: Sequence[CaseFile], column: str) -> list[str]:
    cases: list[Row] = [file.case for file in files]
    return sorted({str(case[column]) for case in cases if case[column] is not None})
