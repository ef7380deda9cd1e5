"""The report as PDF by WeasyPrint, an optional extra. Nothing is fetched: fonts are the system's, style is the page's own."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipelines.errors import UsageError

DRAWING = (
    "text{font-family:sans-serif}.tick{font-size:10.5px;fill:#72808d}.label{font-size:11px;fill:#44515d}.value{font-size:12px;fill:#1f5f6b}"
    ".grid,.lane{stroke:#e3e8ec}.year{stroke:#eef1f3}.line{fill:none;stroke:#1f5f6b;stroke-width:2}.dot,.fill,.happened{fill:#1f5f6b}"
    ".warn{fill:#a86414}.born{fill:#fff;stroke:#1f5f6b;stroke-width:1.8}.span{fill:#1f5f6b;fill-opacity:.45}.came{fill:#c98b4b}"
    ".band{fill:#9fc3c8}.late{fill:#a3262f;fill-opacity:.07}.since{stroke:#a3262f;stroke-dasharray:3 2}.life .value{font-size:10.5px;fill:#a3262f}"
    ".back{fill:#a3262f}.went{fill:#6aa07d}.s-critical{fill:#8f1d2c}.s-high{fill:#c2571a}.s-medium{fill:#b58a1b}.s-low{fill:#5c8a6b}.s-info{fill:#7c8b99}"
)
"""Colours of drawings: WeasyPrint paints an SVG without the page's style, so each carries its own."""

HOW = "pip install 'rollcall[pdf]', and the system's pango and Noto CJK fonts"


def available() -> bool:
    """WeasyPrint and its system libraries are here."""
    if find_spec("weasyprint") is None:
        return False
    try:
        import weasyprint
    except OSError:
        return False
    return hasattr(weasyprint, "HTML")


def write_pdf(html: str, path: Path, identifier: str) -> None:
    """Write a page of :func:`pipelines.publish.report.page.render` as PDF.

    Args:
        identifier: goes into the file instead of a random one, so that the same content gives the same bytes.

    Raises:
        UsageError: RC-U30 WeasyPrint or a system library is missing.
    """
    if not available():
        raise UsageError("RC-U30", "PDF needs WeasyPrint", why="it or a system library is not installed", todo=HOW)
    import weasyprint.urls

    drawn = re.sub(r"(<svg [^>]*>)", rf"\1<style>{DRAWING}</style>", html)
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    document: Any = weasyprint.HTML(string=drawn, base_url=None, url_fetcher=nothing)
    document.write_pdf(str(path), pdf_identifier=identifier.encode(), presentational_hints=False)
