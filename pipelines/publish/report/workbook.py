"""The workbook of the cases: summary, cases, evidence, definitions, checks. Text stays text: no cell becomes a formula or a link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipelines.publish.casefile import CaseFile
from pipelines.publish.edition import Edition
from pipelines.publish.labels import Labels, Language, labels
from pipelines.publish.masking import Mask, Value
from pipelines.publish.records import COMPARED
from pipelines.publish.report.checks import checks
from pipelines.publish.report.wording import Wording
from pipelines.publish.summary import LISTS, Row, Summary

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
"""``in_memory``: no temporary file leaves the data folder."""
CELL_LIMIT = 32_000
"""Characters of one cell; Excel takes 32,767."""

CASE_COLUMNS = (
    "case", "code", "rule", "severity", "state", "change", "owner", "division", "since", "days_overdue", "opened_on", "due_on", "cases_overdue",
    "confidence", "yuan", "people", "reason", "links",
)  # fmt: skip
RECORD_COLUMNS = ("case", "code", "person", "source", "role", "record_key")
PROVENANCE_COLUMNS = ("statements", "delivery", "file", "row_number")
Cell = str | int | float | None


def write_workbook(
    edition: Edition, summary: Summary, files: Sequence[CaseFile], closed: Sequence[Row], mask: Mask, path: Path, language: Language
) -> None:
    """Write ``cases.xlsx``.

    Args:
        files: open cases, in the order of reading; all their records go on the evidence sheet.
        closed: cases closed since the night compared with, without their records.
    """
    words = labels(language, edition.deployment)
    wording = Wording(words, mask)
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties(
            {"title": f"{words('title')} {summary.night}", "comments": words("synthetic") if summary.synthetic else "", "created": _fixed(summary)}
        )
        sheet = _Sheets(book, words, summary)
        sheet.write("summary", ("measure", "group", "value"), _figures(summary, words), widths=(34, 34, 16))
        sheet.write(
            "cases",
            CASE_COLUMNS,
            [*_cases(files, wording, mask), *_closed(closed, words, mask)],
            widths=(16, 7, 26, 9, 12, 9, 24, 18, 11, 9, 11, 11, 8, 10, 12, 7, 70, 60),
        )
        attributes = tuple(f"attr.{name}" for name, _, _ in COMPARED)
        sheet.write(
            "evidence",
            (*RECORD_COLUMNS, *attributes, *PROVENANCE_COLUMNS),
            _evidence(files, wording),
            widths=(16, 7, 7, 18, 8, 22, *[15] * len(attributes), 40, 30, 24, 9),
        )
        sheet.write("definitions", ("col.code", "rule", "fires", "law"), _definitions(summary, words), widths=(14, 34, 90, 60))
        sheet.write(
            "checks",
            ("check", "outcome"),
            [(text, words("check.ok" if holds else "check.failed")) for text, holds in checks(summary, words)],
            widths=(80, 14),
        )


def _fixed(summary: Summary) -> datetime:
    """The night itself, so that the same content gives the same bytes."""
    return datetime.fromisoformat(f"{summary.night}T00:00:00")


class _Sheets:
    """Sheets with a banner line, a frozen header, filters and column widths."""

    def __init__(self, book: xlsxwriter.Workbook, words: Labels, summary: Summary) -> None:
        self._book, self._words, self._summary = book, words, summary
        self._head = book.add_format({"bold": True, "bg_color": "#E7EEF0", "bottom": 1, "text_wrap": True, "valign": "top"})
        self._banner = book.add_format({"bold": True, "font_color": "#6B4E00"})
        self._body = book.add_format({"valign": "top", "text_wrap": True})
        self._number = book.add_format({"valign": "top", "num_format": "#,##0.######"})

    def write(self, name: str, columns: Sequence[str], lines: Iterable[Sequence[Cell]], widths: Sequence[int]) -> None:
        """One sheet; ``columns`` are keys of the catalogue of texts, ``col.`` understood."""
        words, summary = self._words, self._summary
        sheet = self._book.add_worksheet(words(f"sheet.{name}"))
        banner = f"{words('synthetic')}  ·  " if summary.synthetic else ""
        sheet.write_string(0, 0, f"{banner}{getattr(words.deployment.config.title, words.language)} · {summary.night}", self._banner)
        for place, column in enumerate(columns):
            sheet.write_string(1, place, words(column if "." in column else f"col.{column}"), self._head)
            sheet.set_column(place, place, widths[place])
        last = 1
        for last, line in enumerate(lines, 2):
            _line(sheet, last, line, self._body, self._number)
        sheet.freeze_panes(2, 1)
        sheet.autofilter(1, 0, max(last, 2), len(columns) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(1)
        sheet.fit_to_pages(1, 0)


def _line(sheet: Worksheet, number: int, line: Sequence[Cell], body: Format, numeric: Format) -> None:
    for place, value in enumerate(line):
        if value == "" or value is None:
            continue
        if isinstance(value, str):
            sheet.write_string(number, place, value[:CELL_LIMIT], body)
        else:
            sheet.write_number(number, place, value, numeric)


def _figures(summary: Summary, words: Labels) -> Iterator[tuple[Cell, ...]]:
    """Every figure of the summary, one a line: measure, of what, value."""
    for name, value in summary.headline.items():
        yield words(f"fig.{name}"), words("col.total"), value
    for listed in LISTS:
        for row in summary.lists[listed]:
            texts = [f"{words(f'col.{k}')} {_word(words, k, v)}" for k, v in row.items() if isinstance(v, str | bool) and k != "detail"]
            for name, value in row.items():
                if isinstance(value, int | float) and not isinstance(value, bool):
                    yield f"{words(f'nav.{_section(listed)}')} · {words(f'col.{name}')}", " · ".join(texts), value


def _section(listed: str) -> str:
    where = {"owners": "where", "divisions": "where", "ages": "where", "gates": "sources", "lags": "sources", "tiers": "links", "certainty": "links"}
    return where.get(listed, "own" if listed in ("outcomes", "explanations", "churn") else listed)


def _word(words: Labels, name: str, value: Any) -> str:
    if name == "source":
        return words.source(value)
    if name == "owner":
        return words.owner(value)
    if name == "severity":
        return words(f"severity.{value}")
    return words("yes" if value else "no") if isinstance(value, bool) else str(value)


def _cases(files: Sequence[CaseFile], wording: Wording, mask: Mask) -> Iterator[tuple[Cell, ...]]:
    for file in files:
        yield (*_case(file.case, wording.words, mask), wording.reason(file.case), "\n".join(wording.link(link) for link in file.links))


def _closed(closed: Sequence[Row], words: Labels, mask: Mask) -> Iterator[tuple[Cell, ...]]:
    for case in closed:
        yield (*_case(case, words, mask), words(f"outcome.{case['outcome'].partition(':')[0]}") if case["outcome"] else "", "")


def _case(case: Row, words: Labels, mask: Mask) -> tuple[Cell, ...]:
    return (
        case["case_id"], case["code"], words.rule(case["code"]), words(f"severity.{case['severity']}"), words(f"state.{case['state']}"),
        words(f"change.{case['change']}"), words.owner(case["owner"]), mask.place(case["division"]), case["since"], case["days_overdue"],
        case["opened_on"], case["due_on"], case["late_days"], case["confidence"], case["yuan"], case["people"],
    )  # fmt: skip


def _evidence(files: Sequence[CaseFile], wording: Wording) -> Iterator[tuple[Cell, ...]]:
    words = wording.words
    for file in files:
        for record in file.records:
            values = [_marked(name, record.values.get(name, Value()), words) for name, _, _ in COMPARED]
            facts = "\n".join(wording.fact(fact) for fact in record.facts)
            start = (file.case["case_id"], file.case["code"], record.person, words.source(record.source), words(f"role.{record.role}"), record.key)
            yield (*start, *values, facts, record.delivery_id, record.file, record.row_number)


def _marked(name: str, value: Value, words: Labels) -> str:
    if name == "sex" and value.segments:
        return Value(((words(f"sex.{value.text}"), value.differs),)).marked_text
    return value.marked_text


def _definitions(summary: Summary, words: Labels) -> Iterator[tuple[Cell, ...]]:
    for name in ("finding", "case", "change", "fixed", "due", "horizon", "confidence"):
        yield "", "", words(f"define.{name}"), ""
    for row in summary.lists["rules"]:
        yield row["code"], words.rule(row["code"]), words.fires(row["code"]), words.law(row["code"])
