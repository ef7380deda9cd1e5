"""Work lists: what each department is asked, by due date, holding only what it needs to find and judge its own record.

A list goes to the owner of a case. A line names the case, the department's own record by its own key, the masked name, the
question and the due date; nothing of another register's row is on it. Findings in review stay with us.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from pipelines.contracts.worklist import ANSWERED, ANSWERS, ASKED, CASE_ID, Blank
from pipelines.publish.edition import Edition
from pipelines.publish.labels import Labels, labels
from pipelines.publish.masking import Mask
from pipelines.publish.report.workbook import OPTIONS
from pipelines.publish.summary import Row, query, rows
from pipelines.settings import SourceConfig

NO_DATE = "undated"
"""File name part of cases that have no due date."""

FORMULA = re.compile(r"^[\s'\"]*[=+\-@＝＋－＠\t\r\0]")
"""Beginnings that a spreadsheet takes for a formula, behind blanks and quotes too."""


@dataclass(frozen=True)
class WorkList:
    """One department's lines of one due date: cells by column name, in the order of ``columns``."""

    source: SourceConfig
    due: str
    columns: tuple[Blank, ...]
    lines: tuple[Mapping[str, str], ...]


def write_referrals(edition: Edition, con: duckdb.DuckDBPyConnection, mask: Mask, folder: Path) -> list[Path]:
    """Write ``<source>/<due date>.csv``, ``.xlsx`` and ``.json`` for every department with something to do.

    Returns:
        The files written.
    """
    words = labels("zh" if "zh" in edition.deployment.config.languages else "en", edition.deployment)
    written = []
    for work in work_lists(edition, con, mask, words):
        place = folder / work.source.source
        place.mkdir(parents=True, exist_ok=True)
        stem = place / work.due
        stem.with_suffix(".csv").write_bytes(as_csv(work, words))
        stem.with_suffix(".json").write_text(json.dumps(_document(edition, work), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        _write_workbook(work, words, stem.with_suffix(".xlsx"), edition)
        written += [stem.with_suffix(suffix) for suffix in (".csv", ".json", ".xlsx")]
    return written


def work_lists(edition: Edition, con: duckdb.DuckDBPyConnection, mask: Mask, words: Labels) -> list[WorkList]:
    """Open cases by owner and due date; one line per case and own record, one without a record where the register has none."""
    found = rows(con, query("referral_lines"))
    names = mask.names(con.execute(query("referral_lines")).df()["name"])
    lists = []
    for source, config in edition.deployment.sources.items():
        own = [(row, name) for row, name in zip(found, names, strict=True) if row["owner"] == source]
        columns = _columns(config)
        for due in sorted({row["due_on"] or NO_DATE for row, _ in own}):
            lines = tuple(_line(row, name, config, words) for row, name in own if (row["due_on"] or NO_DATE) == due)
            lists.append(WorkList(config, due, columns, lines))
    return lists


def _columns(config: SourceConfig) -> tuple[Blank, ...]:
    """Case, own key under own headings, own name, what is asked, blanks."""
    keys = tuple(Blank(config.columns[h].name, h, config.columns[h].name.replace("_", " ")) for h in config.key)
    return (CASE_ID, *keys, Blank("masked_name", "姓名（遮盖）", "Name (masked)"), *ASKED, *ANSWERED)


def _line(row: Row, name: Any, config: SourceConfig, words: Labels) -> Mapping[str, str]:
    keys = dict(zip((config.columns[h].name for h in config.key), str(row["record_key"] or "").split("|"), strict=False))
    question = row["reason_zh"] if words.language == "zh" else row["reason"]
    return {
        "case_id": row["case_id"],
        **keys,
        "masked_name": name if isinstance(name, str) else "",
        "code": row["code"],
        "title": words.rule(row["code"]),
        "severity": words(f"severity.{row['severity']}"),
        "role": words(f"role.{row['role']}") if row["role"] else "",
        "since": row["since"] or "",
        "due_on": row["due_on"] or "",
        "question": ("" if words.language == "zh" else " ").join(filter(None, (str(question or words.fires(row["code"])), words.asks(row["code"])))),
    }


def _cells(work: WorkList) -> list[list[str]]:
    return [[line.get(column.name, "") for column in work.columns] for line in work.lines]


def as_csv(work: WorkList, words: Labels) -> bytes:
    """The list as the department reads it: its own delimiter and encoding; cells that look like a formula get an apostrophe.

    A character that the encoding lacks becomes a question mark; the JSON beside the list holds it.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=work.source.form.delimiter, lineterminator="\r\n")
    writer.writerow([getattr(column, words.language) for column in work.columns])
    writer.writerows([[defused(cell) for cell in line] for line in _cells(work)])
    return text.getvalue().encode(work.source.form.encoding, errors="replace")


def defused(cell: str) -> str:
    """``=1+1`` -> ``'=1+1``: a spreadsheet shows the text and computes nothing."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def _document(edition: Edition, work: WorkList) -> Mapping[str, Any]:
    return {
        "source": work.source.source,
        "owner": work.source.owner.model_dump(),
        "night": edition.night.isoformat(),
        "due_on": None if work.due == NO_DATE else work.due,
        "synthetic": edition.deployment.config.synthetic,
        "answers": {answer.name: {"zh": answer.zh, "en": answer.en} for answer in ANSWERS.values()},
        "lines": [{column.name: line.get(column.name, "") for column in work.columns} for line in work.lines],
    }


def _write_workbook(work: WorkList, words: Labels, path: Path, edition: Edition) -> None:
    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        book.set_properties({"created": datetime.fromisoformat(f"{edition.night.isoformat()}T00:00:00")})
        head = book.add_format({"bold": True, "bg_color": "#E7EEF0", "bottom": 1, "text_wrap": True, "valign": "top"})
        blank = book.add_format({"bold": True, "bg_color": "#FFF4D6", "bottom": 1, "text_wrap": True, "valign": "top"})
        body = book.add_format({"valign": "top", "text_wrap": True})
        sheet = book.add_worksheet(work.due)
        answers = len(work.columns) - len(ANSWERED)
        for place, column in enumerate(work.columns):
            sheet.write_string(0, place, getattr(column, words.language), blank if place >= answers else head)
            sheet.set_column(place, place, 60 if column.name == "question" else 16)
        for number, line in enumerate(_cells(work), 1):
            for place, cell in enumerate(line):
                sheet.write_string(number, place, cell, body)
        allowed = [getattr(answer, words.language) for answer in ANSWERS.values()]
        sheet.data_validation(1, answers, max(len(work.lines), 1), answers, {"validate": "list", "source": allowed})
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(work.lines), 1), len(work.columns) - 1)
