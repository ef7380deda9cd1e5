"""The step ``publish``: complete the vintage's tables, count the figures, write what readers get."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipelines.locales import load_pack
from pipelines.publish.casefile import CaseFile, Depth, case_files
from pipelines.publish.edition import Edition, from_context
from pipelines.publish.exports.persons import write_persons
from pipelines.publish.labels import LANGUAGES
from pipelines.publish.masking import Mask
from pipelines.publish.pinned import CONFIGURATION, RULES, pin_configuration, pin_rules
from pipelines.publish.referrals import write_referrals
from pipelines.publish.report import render, tops, write_workbook
from pipelines.publish.report.pdf import write_pdf
from pipelines.publish.summary import Summary, query, rows, summarise
from pipelines.publish.tables import write_tables, write_trend
from pipelines.step import StepContext

PAGE_CASES = 200
"""Case files on the HTML page; the workbook lists every case."""

EVIDENCE_CASES = 500
"""Cases whose records are on the workbook's evidence sheet; the rest have theirs in the evidence pack."""


def run(ctx: StepContext) -> None:
    """Write the vintage's tables, ``summary.json`` and the folders ``reports``, ``referrals``, ``exports``, ``configuration`` and ``rules``."""
    con = ctx.connect()
    written = write_tables(ctx, con)
    con.close()
    edition = from_context(ctx, written)
    ctx.progress(1, 4, "figures")
    with edition.open() as opened:
        summary = summarise(edition, opened)
        summary.write(ctx.outputs / "summary.json")
        write_trend(ctx, summary)
        mask = Mask(load_pack(ctx.deployment.config.country, ctx.deployment.config.country_options))
        ctx.progress(2, 4, "reports")
        write_reports(edition, opened, summary, mask, ctx.folder("reports"))
        ctx.progress(3, 4, "referrals and exports")
        write_referrals(edition, opened, mask, ctx.folder("referrals"))
        write_persons(edition, opened, ctx.folder("exports") / "persons")
    pin_configuration(ctx.deployment.folder, ctx.folder(CONFIGURATION))
    pin_rules(ctx.deployment.folder, ctx.folder(RULES))
    ctx.progress(4, 4, "published")


def write_reports(edition: Edition, con: duckdb.DuckDBPyConnection, summary: Summary, mask: Mask, folder: Path) -> list[CaseFile]:
    """Write ``report.<language>.html`` and ``cases.<language>.xlsx`` for each language of the deployment.

    Returns:
        The case files of the page, for other editions of it.
    """
    order = [case_id for [case_id] in con.execute(query("case_order")).fetchall()]
    files = case_files(edition, con, mask, order, Depth(records=EVIDENCE_CASES, lives=PAGE_CASES))
    page = sorted(files[:PAGE_CASES], key=_gravity)
    closed = rows(con, query("case_closed"))
    for language in (each for each in LANGUAGES if each in edition.deployment.config.languages):
        (folder / f"report.{language}.html").write_text(render(edition, summary, page, mask, language), encoding="utf-8")
        write_workbook(edition, summary, files, closed, mask, folder / f"cases.{language}.xlsx", language)
    return page


def write_pdf_reports(edition: Edition, summary: Summary, page: Sequence[CaseFile], mask: Mask, folder: Path) -> None:
    """Write ``report.<language>.pdf``: what the page prints, so the gravest case of each rule. Takes seconds; made on request.

    Raises:
        UsageError: RC-U30 WeasyPrint or a system library is missing.
    """
    first = tops(page)
    printed = [file for file in page if file.case["case_id"] in first]
    for language in (each for each in LANGUAGES if each in edition.deployment.config.languages):
        html = render(edition, summary, printed, mask, language, opened=len(printed))
        write_pdf(html, folder / f"report.{language}.pdf", summary.run_id)


def _gravity(file: CaseFile) -> tuple[int, float, float, str]:
    case = file.case
    return ("critical", "high", "medium", "low", "info").index(case["severity"]), -case["confidence"], -(case["yuan"] or 0), case["case_id"]
