"""The page stands alone, in both languages, and every word of it is in the catalogue."""

import csv
import html
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import pipelines.publish
from tests.publish.conftest import Published, publish
from tests.publish.world import World

FOLDER = Path(pipelines.publish.__file__).parent
VOID = {"meta", "input", "br", "link", "img", "hr"}


def page_of(published: Published, language: str) -> str:
    return (published.out / "reports" / f"report.{language}.html").read_text(encoding="utf-8")


class Balanced(HTMLParser):
    """Notes tags that are closed out of order, and ids."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("href", "src", "xlink:href", "action", "data"):
                self.links.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"{tag} at {self.getpos()}")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_is_whole_and_stands_alone(published: Published, language: str) -> None:
    page = page_of(published, language)
    parsed = Balanced()
    parsed.feed(page)
    assert not parsed.wrong
    assert not parsed.open
    assert len(parsed.ids) == len(set(parsed.ids))
    other = f"report.{'en' if language == 'zh' else 'zh'}.html"
    assert {link for link in parsed.links if not link.startswith("#")} == {other}
    assert {link[1:] for link in parsed.links if link.startswith("#")} <= set(parsed.ids)
    assert not re.search(r"https?://|url\(|@import|//cdn", page)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_allows_its_own_script_and_nothing_else(published: Published, language: str) -> None:
    page = page_of(published, language)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert " style=" not in page
    assert not re.search(r"<[^>]*\son\w+=", page)


def test_synthetic_banner_stands_on_every_page(published: Published) -> None:
    assert "虚构样例数据" in page_of(published, "zh")
    assert "SYNTHETIC" in page_of(published, "en")
    for language in ("zh", "en"):
        dictionary = (published.out / "exports" / "persons" / f"dictionary.{language}.html").read_text(encoding="utf-8")
        assert 'class="synthetic"' in dictionary


def test_differences_are_marked_by_sign_and_colour(published: Published) -> None:
    page = page_of(published, "en")
    assert 'tr class="differs"' in page
    assert "<mark>" in page
    assert re.search(r"mark\{[^}]*background[^}]*border-bottom", page)
    assert 'content:" ≠"' in page


def test_each_case_shows_rows_life_links_and_law(published: Published) -> None:
    page = page_of(published, "zh")
    cases = page.split('<details class="case')[1:]
    full = [case for case in cases if "CC" not in case[:20] and 'data-rule="D03"' in case]
    assert full
    for case in full:
        for words in ("各登记所载", '<svg class="life"', "为何认为是同一人", "已检验的无害解释", "可信度", "规则版本"):
            assert words in case


ALLOWED = {
    "en": (r"<bdi>.*?</bdi>", r'<a class="other".*?</a>'),  # names as the registers write them, the other language's link
    "zh": (
        r'<a class="other".*?</a>',
        r"<code>.*?</code>",
        r'<tr class="prov">.*?</tr>',
        r'<(?:span|a) class="id".*?</(?:span|a)>',
        r"<li>[^<]*↔.*?</li>",
        r'<section id="definitions">.*',
        r"\b(?:[A-Z]\d\d|Q-[A-Z]+-\d+|RC-[A-Z]\d+|Wilson|referrals|cases\.zh\.xlsx)\b",
    ),  # file names, record keys and delivery ids, codes of rules and checks, hashes
}
"""Words of the other language that a page may hold."""


@pytest.mark.parametrize(("language", "foreign"), [("en", "[\u3400-\u9fff]+"), ("zh", "[A-Za-z]{2,}")])
def test_a_page_speaks_one_language(published: Published, language: str, foreign: str) -> None:
    page = re.sub(r"<(style|script)>.*?</\1>|<head>.*?</head>", "", page_of(published, language), flags=re.DOTALL)
    for allowed in ALLOWED[language]:
        page = re.sub(allowed, "", page, flags=re.DOTALL)
    said = " ".join([*re.findall(r'(?:aria-label|data-word)="([^"]*)"', page), html.unescape(re.sub(r"<[^>]+>", " ", page))])
    assert sorted(set(re.findall(foreign, said))) == []


def test_divisions_have_names_in_the_readers_language(published: Published) -> None:
    assert "云中市中城区" in page_of(published, "zh")
    page = page_of(published, "en")
    assert "Zhongcheng District, Yunzhong City" in page
    assert "880105 Zhongcheng District, Yunzhong City <bdi>云中市中城区</bdi>" in page


def test_drawings_have_a_text_or_stand_beside_their_figures(published: Published) -> None:
    for drawing in re.findall(r"<svg[^>]*>", page_of(published, "en")):
        assert 'aria-hidden="true"' in drawing or re.search(r'role="img" aria-label="[^"]{12,}"', drawing)


def test_paper_gets_the_gravest_case_of_each_rule_only(published: Published) -> None:
    page = page_of(published, "en")
    printed = re.findall(r'<details class="case top"[^>]*data-rule="(\w+)"', page)
    shown = re.findall(r'<details class="case[^>]*data-rule="(\w+)"', page)
    assert sorted(printed) == sorted(set(shown))
    assert len(printed) < len(shown)
    assert re.search(r"@media print\{.*\.case\{display:none", page, flags=re.DOTALL)


@pytest.mark.parametrize(("rule", "register"), [("M02", "Marriage register"), ("P02", "Household register")])
def test_a_record_that_a_rule_misses_has_a_column_of_its_own(published: Published, rule: str, register: str) -> None:
    cases = page_of(published, "en").split('<details class="case')[1:]
    shown = [case.split("</thead>")[0] for case in cases if f'data-rule="{rule}"' in case[:200] and 'class="sbs"' in case]
    assert shown
    for head in shown:
        assert "is asked:" in head
        columns = re.findall(rf"{register}<small>([^<·]*)", head)
        assert columns == ["no record found"] or "no record found" not in columns


def texts() -> dict[str, tuple[str, str]]:
    with (FOLDER / "report" / "texts.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(listed) == len({row["key"] for row in listed})
    return {row["key"]: (row["zh"], row["en"]) for row in listed}


def test_catalogue_of_texts_is_complete() -> None:
    known = texts()
    assert all(zh and en for zh, en in known.values())
    for key, (zh, en) in known.items():
        assert set(re.findall(r"\{(\w+)\}", zh)) == set(re.findall(r"\{(\w+)\}", en)), key
    used = set()
    for path in [*FOLDER.rglob("*.j2"), *FOLDER.rglob("*.py")]:
        used |= set(re.findall(r"""\b(?:t|words)\(['"]([a-z_0-9]+(?:\.[a-z_0-9]+)*)['"]""", path.read_text(encoding="utf-8")))
    assert len(used) > 60
    assert used - set(known) == set()


def test_every_code_word_has_a_text() -> None:
    from pipelines.publish.summary import LISTS

    known = texts()
    for state in (
        "raised",
        "auto_cleared",
        "triaged",
        "referred",
        "answered",
        "corrected_at_source",
        "verified",
        "closed",
        "reopened",
        "suppressed",
        "merged",
    ):
        assert f"state.{state}" in known
    for listed in LISTS:
        sql = (FOLDER / "figures" / f"{listed}.sql").read_text(encoding="utf-8")
        assert sql.startswith("--"), listed


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_stays_small(published: Published, language: str) -> None:
    assert len(page_of(published, language).encode()) < 600_000


def test_a_case_about_nobody_in_particular_is_shown(tmp_path: Path) -> None:
    world = World(people=6, case_every=3).build()
    for table in ("cases", "findings"):
        world.rows[table][0] |= {"person_ids": [], "records": [], "code": "A01"}
    out = publish(world, tmp_path)
    assert 'data-rule="A01"' in page_of(out, "en")
