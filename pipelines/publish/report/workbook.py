"""The workbook of the cases: summary, cases, evidence, definitions, checks. Text stays text: no cell becomes a formula or a link."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
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
    "confidence", "yuan", "people", "reason", "asked", "links",
)  # fmt: skip
LONG = ("links", "statements")
"""Columns of several lines: shown on one, so that a row stays a row."""
RECORD_COLUMNS = ("case", "code", "person", "source", "role", "record_key")
PROVENANCE_COLUMNS = ("statements", "delivery", "file", "row_number")
Cell = str | int | float | date | None


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
        sheet.write("summary", ("measure", "group", "value"), _figures(summary, wording), widths=(40, 60, 16))
        sheet.write(
            "cases",
            CASE_COLUMNS,
            [*_cases(files, wording), *_closed(closed, wording)],
            widths=(16, 7, 28, 9, 12, 9, 28, 30, 11, 9, 11, 11, 8, 10, 12, 7, 60, 60, 60),
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
        self._line_only = book.add_format({"valign": "top"})
        self._number = book.add_format({"valign": "top", "num_format": "#,##0.######"})
        self._day = book.add_format({"valign": "top", "num_format": "yyyy-mm-dd", "align": "left"})

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
            self._line(sheet, last, line, columns)
        sheet.freeze_panes(2, 1)
        sheet.autofilter(1, 0, max(last, 2), len(columns) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(1)
        sheet.fit_to_pages(1, 0)

    def _line(self, sheet: Worksheet, number: int, line: Sequence[Cell], columns: Sequence[str]) -> None:
        for place, (column, value) in enumerate(zip(columns, line, strict=True)):
            if value == "" or value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(number, place, value[:CELL_LIMIT], self._line_only if column in LONG else self._body)
            elif isinstance(value, date):
                sheet.write_datetime(number, place, value, self._day)
            else:
                sheet.write_number(number, place, value, self._number)


def _figures(summary: Summary, wording: Wording) -> Iterator[tuple[Cell, ...]]:
    """Every figure of the summary, one a line: measure, of what, value. Cases have a sheet of their own."""
    words = wording.words
    for name, value in summary.headline.items():
        yield words(f"fig.{name}"), words("col.total"), value
    for listed in (name for name in LISTS if name != "news"):
        for row in summary.lists[listed]:
            said = {name: _said(wording, name, row) for name, value in row.items() if isinstance(value, str | bool) and name not in SILENT}
            group = " · ".join(text if name in TELLING else f"{words(f'col.{name}')} {text}" for name, text in said.items() if text)
            for name, value in row.items():
                if isinstance(value, int | float) and not isinstance(value, bool):
                    yield f"{words(f'nav.{SECTION_OF.get(listed, listed)}')} · {words(f'col.{name}')}", group, value


SECTION_OF = {
    "owners": "where", "divisions": "where", "ages": "where", "gates": "sources", "lags": "sources", "spoilt": "quarantine",
    "tiers": "links", "certainty": "links", "errors": "own", "decided": "own", "outcomes": "own", "explanations": "own", "churn": "own",
}  # fmt: skip
"""Section of the page that a list stands in, where it bears another name."""
SILENT = ("detail", "delivery_id", "gate")
TELLING = ("source", "owner", "division", "code", "severity", "kind", "step", "outcome", "explanation", "event", "rule", "tier")
"""Columns whose values speak for themselves."""


def _said(wording: Wording, name: str, row: Row) -> str:
    """A row's text in words."""
    words, value = wording.words, row[name]
    if isinstance(value, bool):
        return words("yes" if value else "no")
    ways: Mapping[str, Callable[[], str]] = {
        "source": lambda: words.source(value),
        "owner": lambda: words.owner(value),
        "division": lambda: wording.place(value),
        "code": lambda: f"{value} {words.rule(value)}",
        "severity": lambda: words(f"severity.{value}"),
        "kind": lambda: words(f"error.{value}"),
        "step": lambda: words(f"count.{value}"),
        "outcome": lambda: words(f"outcome.{value}"),
        "explanation": lambda: words.explanation(row["code"], value),
        "event": lambda: words(f"lag.{value}" if "source" in row else f"event.{value}"),
        "rule": lambda: words.check(row["source"], value),
    }
    return ways.get(name, lambda: str(value))()


def _cases(files: Sequence[CaseFile], wording: Wording) -> Iterator[tuple[Cell, ...]]:
    for file in files:
        yield (*_case(file.case, wording), wording.reason(file.case), wording.asked(file.case), "\n".join(wording.link(link) for link in file.links))


def _closed(closed: Sequence[Row], wording: Wording) -> Iterator[tuple[Cell, ...]]:
    for case in closed:
        yield (*_case(case, wording), wording.words(f"outcome.{case['outcome'].partition(':')[0]}") if case["outcome"] else "", "", "")


def _case(case: Row, wording: Wording) -> tuple[Cell, ...]:
    words = wording.words
    return (
        case["case_id"], case["code"], words.rule(case["code"]), words(f"severity.{case['severity']}"), words(f"state.{case['state']}"),
        words(f"change.{case['change']}"), words.owner(case["owner"]), wording.place(case["division"]), _date(case["since"]), case["days_overdue"],
        _date(case["opened_on"]), _date(case["due_on"]), case["late_days"], case["confidence"], case["yuan"], case["people"],
    )  # fmt: skip


def _date(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _evidence(files: Sequence[CaseFile], wording: Wording) -> Iterator[tuple[Cell, ...]]:
    words = wording.words
    for file in files:
        for record in file.records:
            values = [wording.value(name, record.values.get(name, Value())).marked_text for name, _, _ in COMPARED]
            facts = "\n".join(wording.fact(fact) for fact in record.facts)
            start = (file.case["case_id"], file.case["code"], record.person, words.source(record.source), words(f"role.{record.role}"), record.key)
            yield (*start, *values, facts, record.delivery_id, record.file, record.row_number)


def _definitions(summary: Summary, words: Labels) -> Iterator[tuple[Cell, ...]]:
    for name in ("finding", "case", "change", "fixed", "due", "horizon", "confidence", "count", "interval"):
        yield "", "", words(f"define.{name}"), ""
    for row in summary.lists["rules"]:
        yield row["code"], words.rule(row["code"]), words.fires(row["code"]), words.law(row["code"])
