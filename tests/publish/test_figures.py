"""The same figures wherever a reader looks, and figures that add up."""

import json
import re
from datetime import timedelta
from typing import Any

import duckdb
import openpyxl
import pytest

from pipelines.publish.edition import Edition
from pipelines.publish.labels import labels
from pipelines.publish.report.checks import WITH_WHOM
from pipelines.publish.report.page import FIGURES, MOVES
from pipelines.publish.summary import summarise
from pipelines.storage.frames import scan
from tests.publish.conftest import Published, publish
from tests.publish.world import NIGHT, World

LANGUAGES = ("zh", "en")


def summary_of(published: Published) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((published.out / "summary.json").read_text(encoding="utf-8"))
    return found


def page_of(published: Published, language: str) -> str:
    return (published.out / "reports" / f"report.{language}.html").read_text(encoding="utf-8")


def book_of(published: Published, language: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(published.out / "reports" / f"cases.{language}.xlsx")


def lines(sheet: Any) -> list[tuple[Any, ...]]:
    """Rows below the banner and the header."""
    return [row for row in sheet.iter_rows(min_row=3, values_only=True) if any(v is not None for v in row)]


def test_what_became_of_each_case_since_the_night_before(published: Published) -> None:
    head = summary_of(published)["headline"]
    cases = {row["case_id"]: row for row in published.world.rows["cases"]}
    before = {row["case_id"] for row in published.world.rows["previous.cases"]}
    assert head["cases_new"] == len(set(cases) - before) > 0
    assert (head["cases_reopened"], head["cases_fixed"], head["cases_cleared"]) == (1, 1, 1)
    assert head["cases_kept"] == len(set(cases) & before) - 3
    assert head["cases_open"] == head["cases_new"] + head["cases_kept"] + head["cases_reopened"]


def test_first_night_everything_is_new(first: Published) -> None:
    summary = summary_of(first)
    assert summary["since"] is None
    assert summary["headline"]["cases_new"] == summary["headline"]["cases_open"] == 4
    assert "首次运行" in page_of(first, "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_headline_of_page_is_that_of_summary(published: Published, language: str) -> None:
    head = summary_of(published)["headline"]
    shown = dict(re.findall(r'data-figure="(\w+)">([\d,.]+)<', page_of(published, language)))
    assert len(shown) == len(MOVES) + len(FIGURES)
    assert {name: float(text.replace(",", "")) for name, text in shown.items()} == {name: round(head[name], 2) for name in shown}


@pytest.mark.parametrize("language", LANGUAGES)
def test_headline_of_workbook_is_that_of_summary(published: Published, language: str) -> None:
    words = labels(language, published.ctx.deployment)  # type: ignore[arg-type]
    sheet = {(row[0], row[1]): row[2] for row in lines(book_of(published, language).worksheets[0])}
    for name, value in summary_of(published)["headline"].items():
        assert sheet[words(f"fig.{name}"), words("col.total")] == pytest.approx(value), name


def test_both_languages_show_the_same_figures(published: Published) -> None:
    def figures(language: str) -> list[str]:
        page = page_of(published, language)
        tables = page[page.index('<section id="rules">') : page.index('<section id="cases">')]
        return re.findall(r'<td class="n[^>]*>([^<]*)</td>', tables)

    assert len(figures("zh")) > 200
    assert figures("zh") == figures("en")
    zh, en = ([tuple(v for v in row if isinstance(v, int | float)) for row in lines(book_of(published, each).worksheets[0])] for each in LANGUAGES)
    assert zh == en


def test_where_the_cases_lie_adds_up(published: Published) -> None:
    summary = summary_of(published)
    head, todo = summary["headline"], summary["todo"]
    assert head["cases_before"] + head["cases_raised"] + head["cases_reopened"] - head["cases_fixed"] - head["cases_cleared"] == head["cases_open"]
    assert sum(row[part] for row in todo for part in WITH_WHOM) == head["cases_open"]
    assert sum(row["cases_overdue"] for row in todo) > 0
    assert summary["nights"] == 1


def test_how_many_people_should_have_an_entry(published: Published) -> None:
    counted = {row["step"]: row for row in summary_of(published)["counted"]}
    findings = published.world.rows["findings"]
    dead = {row["person_ids"][0]: row["confidence"] for row in findings if row["code"] == "D01"}
    assert counted["dead"]["people"] == pytest.approx(-sum(dead.values()), abs=0.06)
    assert counted["dead"]["give_or_take"] == pytest.approx(1.96 * sum(p * (1 - p) for p in dead.values()) ** 0.5, abs=0.06)
    assert counted["entries"]["people"] == sum(row["live_entries"] for row in published.world.rows["persons"])
    assert counted["people"]["people"] == pytest.approx(sum(row["people"] for step, row in counted.items() if step != "people"), abs=0.3)


@pytest.mark.parametrize(("k", "n", "low", "high"), [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)])
def test_intervals_are_wilsons(published: Published, k: int, n: int, low: float, high: float) -> None:
    with Edition(NIGHT, "", None, "", "", published.ctx.deployment, {}).open() as con:
        assert con.execute("SELECT wilson(?, ?, -1), wilson(?, ?, 1)", [k, n, k, n]).fetchone() == pytest.approx((low, high), abs=2e-4)
        assert con.execute("SELECT wilson(0, 0, 1)").fetchone() == (None,)


def test_a_period_adds_up_its_nights(published: Published) -> None:
    tables = {path.stem: path for path in published.out.glob("*.parquet")}
    nightly = Edition(NIGHT, "", None, "", "", published.ctx.deployment, tables, {"trend": tables["trend"]})
    with nightly.open() as con:
        con.execute("SET VARIABLE since = CAST(? AS DATE)", [NIGHT - timedelta(days=9)])
        summary = summarise(nightly, con)
        ledger = con.execute("SELECT count(*), sum(delivered) FROM ledger").fetchone()
    assert summary.nights == 9
    assert (sum(row["deliveries"] for row in summary.lists["ledger"]), summary.headline["delivered"]) == ledger


def test_a_period_names_what_is_still_held(published: Published) -> None:
    tables = {path.stem: path for path in published.out.glob("*.parquet")}
    edition = Edition(NIGHT, "", None, "", "", published.ctx.deployment, tables, {"trend": tables["trend"]})
    with edition.open() as con:
        con.execute("SET VARIABLE since = CAST(? AS DATE)", [NIGHT - timedelta(days=9)])
        held = "SELECT * REPLACE ('D-held' AS delivery_id, 'held' AS status, CAST(? AS DATE) AS night) FROM ledger WHERE source = 'death' LIMIT 1"
        con.execute(f"CREATE TEMP TABLE more AS SELECT * FROM ledger UNION ALL ({held})", [NIGHT - timedelta(days=3)])
        con.execute("CREATE OR REPLACE TEMP VIEW ledger AS SELECT * FROM more")
        summary = summarise(edition, con)
    assert [(row["source"], row["delivery_id"], row["outcome"]) for row in summary.lists["gates"]] == [("death", "D-held", "held")]
    assert summary.headline["held"] == 1


def test_numbers_that_a_spreadsheet_spoilt_are_counted_by_source(published: Published) -> None:
    """Of the police's numbers one lost its end, one all but its beginning; the page and the workbook say so, and nothing where none is spoilt."""
    assert summary_of(published)["spoilt"] == []
    tables = {path.stem: path for path in published.out.glob("*.parquet")}
    edition = Edition(NIGHT, "", None, "", "", published.ctx.deployment, tables, {"trend": tables["trend"]})
    with edition.open() as con:
        con.execute("""
            CREATE TEMP TABLE more AS SELECT * REPLACE (
                CASE place WHEN 1 THEN '880102198001011000' WHEN 2 THEN '8.80102E+17' ELSE id_text END AS id_text,
                CASE place WHEN 1 THEN 'checksum|spreadsheet' WHEN 2 THEN 'spreadsheet' ELSE id_reasons END AS id_reasons,
                id_valid AND NOT (source = 'police' AND place <= 2) AS id_valid)
            FROM (SELECT *, CASE WHEN source = 'police' AND live AND id_text IS NOT NULL
                                 THEN row_number() OVER (PARTITION BY source, live, id_text IS NOT NULL ORDER BY record_key, role) END AS place
                  FROM observations)
        """)
        con.execute("CREATE OR REPLACE TEMP VIEW observations AS SELECT * EXCLUDE (place) FROM more")
        summary = summarise(edition, con)
        [(numbers,)] = con.execute("SELECT count(*) FROM observations WHERE source = 'police' AND live AND id_text IS NOT NULL").fetchall()
    [row] = summary.lists["spoilt"]
    assert (row["source"], row["numbers"], row["spoilt"], row["dated"]) == ("police", numbers, 2, 1)
    assert 0 <= row["restored"] <= 2


def test_workbook_lists_every_open_and_every_just_closed_case(published: Published) -> None:
    head = summary_of(published)["headline"]
    listed = [row[0] for row in lines(book_of(published, "en")["Cases"])]
    assert len(listed) == len(set(listed)) == head["cases_open"] + head["cases_fixed"] + head["cases_cleared"]


def test_every_check_holds(published: Published) -> None:
    rows = lines(book_of(published, "en")["Checks"])
    assert len(rows) == 11
    assert {row[1] for row in rows} == {"holds"}


def test_an_unbalanced_ledger_is_called_out(published: Published, tmp_path: Any) -> None:
    world = World(people=9, case_every=3).build()
    world.rows["ledger_police"][0]["delivered"] += 5
    broken = publish(world, tmp_path)
    assert "DOES NOT BALANCE" in page_of(broken, "en")
    assert any(row[1] == "FAILS" for row in lines(book_of(broken, "en")["Checks"]))
    assert "Rows or keys" in page_of(broken, "en") or "rows or keys do not balance" in page_of(broken, "en")


def test_findings_get_the_case_that_stands(published: Published) -> None:
    with duckdb.connect() as con:
        rows = con.execute(f"SELECT finding_id, case_id FROM {scan(published.out / 'findings.parquet')}").fetchall()
    assert rows
    assert all(case == "C" + finding[1:] for finding, case in rows)


def test_cumulative_tables_keep_the_earlier_nights(published: Published) -> None:
    with duckdb.connect() as con:
        nights = con.execute(f"SELECT count(DISTINCT night), max(night) FROM {scan(published.out / 'trend.parquet')}").fetchone()
        ledger = con.execute(f"SELECT count(*), count(DISTINCT night) FROM {scan(published.out / 'ledger.parquet')}").fetchone()
        observed = con.execute(f"SELECT count(*) FROM {scan(published.out / 'observations.parquet')}").fetchone()
    assert nights == (13, NIGHT)
    assert ledger == (10, 2)
    assert observed == (sum(len(rows) for name, rows in published.world.rows.items() if name.startswith("obs_")),)


def test_the_same_inputs_give_the_same_bytes(published: Published, tmp_path: Any) -> None:
    again = publish(World(people=60, case_every=3).build().night_before(), tmp_path)
    names = sorted(path.relative_to(published.out) for path in published.out.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(again.out) for path in again.out.rglob("*") if path.is_file())
    assert [name for name in names if (published.out / name).read_bytes() != (again.out / name).read_bytes()] == []


def test_a_hold_is_on_the_report_with_its_reason(tmp_path: Any) -> None:
    world = World(people=6, case_every=3).build()
    delivery = world.rows["deliveries_pension"][0]["delivery_id"]
    gate = {"source": "pension", "delivery_id": delivery, "gate": "volume_drop", "observed": 0.4, "allowed": 0.1, "outcome": "held"}
    world.add("gates_pension", **gate, detail="rows fell by 40%")
    world.rows["deliveries_school"][0] |= {"status": "refused", "code": "RC-D09", "detail": "another hash"}
    held = publish(world, tmp_path)
    assert summary_of(held)["headline"]["held"] == 2
    tonight = {row["source"]: row for row in summary_of(held)["sources"]}
    assert (tonight["pension"]["held"], tonight["pension"]["accepted"], tonight["school"]["refused"]) == (1, 0, 1)
    page = page_of(held, "en")
    assert f"Pension benefits: delivery {delivery} was held (volume drop: 40.0 % measured, 10.0 % allowed). rows fell by 40%" in page
    assert "总量骤降：实际 40.0 %，允许 10.0 %" in page_of(held, "zh")
    assert "rows fell" not in page_of(held, "zh")
    assert "was refused (RC-D09 sha256 differs from the manifest: deliver again). another hash" in page
