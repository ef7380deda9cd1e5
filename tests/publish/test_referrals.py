"""Work lists hold what a department needs, in its own words and bytes, and come back as they went out."""

import csv
import io
import json
from pathlib import Path

import openpyxl
import pytest

from pipelines.cases.filled import read_filled
from pipelines.contracts.worklist import ANSWERED, ANSWERS, ASKED, CASE_ID
from pipelines.publish.referrals import defused
from tests.publish.conftest import Published


def listed(published: Published, suffix: str) -> list[Path]:
    return sorted((published.out / "referrals").rglob(f"*{suffix}"))


def test_one_list_per_department_and_due_date(published: Published) -> None:
    cases = {row["case_id"]: row for row in published.world.rows["cases"] if row["state"] == "referred"}
    review = {row["finding_id"] for row in published.world.rows["findings"] if row["status"] == "review"}
    expected = {(c["owner"], c["due_on"].isoformat()) for c in cases.values() if c["finding_id"] not in review}
    assert {(path.parent.name, path.stem) for path in listed(published, ".json")} == expected
    for path in listed(published, ".json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        for line in document["lines"]:
            case = cases[line["case_id"]]
            assert (case["owner"], case["due_on"].isoformat()) == (path.parent.name, path.stem) == (document["source"], document["due_on"])


def test_a_list_speaks_only_of_the_departments_own_records(published: Published) -> None:
    for path in listed(published, ".json"):
        key = {"police": "entry_no", "pension": "account_no", "death": "cert_no", "marriage": "registration_no"}[path.parent.name]
        own = {row["record_key"] for row in published.world.rows.get(f"obs_{path.parent.name}", [])}
        for line in json.loads(path.read_text(encoding="utf-8"))["lines"]:
            assert set(line) == {"case_id", key, "masked_name", *(b.name for b in ASKED), *(b.name for b in ANSWERED)}
            assert line.get(key, "") in own | {""}
            assert not any(line[blank.name] for blank in ANSWERED)
            assert not line["masked_name"] or "*" in line["masked_name"]


def test_csv_is_in_the_departments_encoding_and_headings(published: Published) -> None:
    for path in listed(published, ".csv"):
        source = published.ctx.deployment.sources[path.parent.name]
        text = path.read_bytes().decode(source.form.encoding)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=source.form.delimiter))
        assert rows[0] == [CASE_ID.zh, *source.key, "姓名（遮盖）", *(b.zh for b in ASKED), *(b.zh for b in ANSWERED)]
        document = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert [row[0] for row in rows[1:]] == [line["case_id"] for line in document["lines"]]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_list_sent_out_can_be_read_back(published: Published, suffix: str) -> None:
    for path in listed(published, suffix):
        form = published.ctx.deployment.sources[path.parent.name].form
        document = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert [line.case_id for line in read_filled(path, form)] == [line["case_id"] for line in document["lines"]]


def test_the_workbook_offers_the_answers(published: Published) -> None:
    path = listed(published, ".xlsx")[0]
    [validation] = openpyxl.load_workbook(path).worksheets[0].data_validations.dataValidation
    assert validation.formula1 == '"' + ",".join(answer.zh for answer in ANSWERS.values()) + '"'


@pytest.mark.parametrize("language", ["zh", "en"])
def test_answers_fit_a_spreadsheets_list(language: str) -> None:
    texts = [getattr(answer, language) for answer in ANSWERS.values()]
    assert not any("," in text for text in texts)
    assert len(",".join(texts)) <= 255


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("  +1", "'  +1"),
        ("'=1", "''=1"),
        ("＝1", "'＝1"),
        ("-5", "'-5"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("同一人", "同一人"),
        ("", ""),
    ],
)
def test_cells_that_look_like_formulas_are_defused(cell: str, safe: str) -> None:
    assert defused(cell) == safe
