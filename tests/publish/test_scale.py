"""Time and size at 20,000 people, and the PDF: slow, run by ``make soak``."""

import re
import time
from pathlib import Path

import pypdf
import pytest

from pipelines.publish import run
from pipelines.publish.report.pdf import available, write_pdf
from tests.publish.conftest import Published
from tests.publish.world import World

pytestmark = pytest.mark.slow


def test_publishing_20_000_people_is_quick_and_the_page_small(tmp_path: Path) -> None:
    ctx = World(people=20_000, case_every=16).build().night_before().context(tmp_path)
    started = time.process_time()
    run(ctx)
    assert time.process_time() - started < 10
    for page in (ctx.outputs / "reports").glob("*.html"):
        assert page.stat().st_size < 5_000_000
        assert page.read_text(encoding="utf-8").count('<details class="case') == 200


@pytest.mark.skipif(not available(), reason="WeasyPrint, pango or its fonts are not installed")
def test_pdf_says_what_the_page_says_and_is_the_same_twice(published: Published, tmp_path: Path) -> None:
    page = (published.out / "reports" / "report.en.html").read_text(encoding="utf-8")
    for name in ("one.pdf", "two.pdf"):
        write_pdf(page, tmp_path / name, "R20260103")
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    text = " ".join(part.extract_text() for part in pypdf.PdfReader(tmp_path / "one.pdf").pages)
    assert "SYNTHETIC" in text
    for figure in re.findall(r'data-figure="\w+">([\d,.]+)<', page):
        assert figure in text
    assert not any(name in text for name in (*published.world.names, *published.world.numbers))


@pytest.mark.skipif(not available(), reason="WeasyPrint, pango or its fonts are not installed")
def test_pdf_fetches_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    hostile = f'<img src="file://{tmp_path}/secret.txt"><img src="http://169.254.169.254/"><p>kept</p>'
    write_pdf(hostile, tmp_path / "out.pdf", "x")
    assert "kept" in pypdf.PdfReader(tmp_path / "out.pdf").pages[0].extract_text()
