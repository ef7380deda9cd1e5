"""A sample for clerks is blind and masked; what they send back is read line by line, and gives figures that cover the truth."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import xlsxwriter

from pipelines.desk.clerical import Draw, sample_pairs
from pipelines.desk.estimates import estimate_from
from pipelines.desk.unmasked import Look
from pipelines.errors import UsageError
from pipelines.storage.control import ControlDatabase
from tests.desk.conftest import World

DRAW = Draw(per_stratum=15)
ANSWER = 2
"""The column in which a clerk answers."""


@pytest.fixture(scope="module")
def drawn(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return sample_pairs(world.workspace, DRAW, tmp_path_factory.mktemp("sample"), None, Look())


@pytest.fixture(scope="module")
def right(world: World, drawn: dict[str, Any]) -> list[list[str]]:
    """The form, filled in by somebody who knows the truth."""
    truth = pd.read_parquet(world.truth / "records.parquet")
    named = pd.DataFrame(world.ask("SELECT obs_id, source, record_key, role FROM {observations}")).merge(truth, on=["source", "record_key", "role"])
    person = dict(zip(named["obs_id"].astype(str), named["person"], strict=True))
    key = json.loads(Path(drawn["key"]).read_text(encoding="utf-8"))
    same = {str(q["question"]): person.get(q["id_l"]) == person.get(q["id_r"]) for q in key["questions"]}
    rows = list(csv.reader(Path(drawn["files"][0]).read_text(encoding="utf-8-sig").splitlines()))
    return [rows[0], *([*row[:ANSWER], "是" if same[row[1]] else "否", *row[ANSWER + 1 : -2], "li.na", ""] for row in rows[1:])]


def test_the_form_is_blind_and_masked(world: World, drawn: dict[str, Any]) -> None:
    text = Path(drawn["files"][0]).read_text(encoding="utf-8-sig")
    key = json.loads(Path(drawn["key"]).read_text(encoding="utf-8"))
    assert len(key["questions"]) == drawn["questions"] == text.count("\n") - 1
    assert not any(word in text for word in ("likeness", "tier", "linked", "apart", "0."))
    assert not [value for value in world.personal() if value in text]
    assert Path(drawn["key"]).parent != Path(drawn["files"][0]).parent
    groups = {row["stratum"].split()[0] for row in drawn["strata"]}
    assert {"sure", "likeness"} <= groups
    assert all(row["asked"] == min(row["pairs"], DRAW.per_stratum) for row in drawn["strata"])


def test_a_clerk_needs_to_know_no_codes(world: World, drawn: dict[str, Any]) -> None:
    """Sources, roles, sexes and places are in words, and the workbook says how to fill it in; a date known to the month shows no day."""
    rows = list(csv.reader(Path(drawn["files"][0]).read_text(encoding="utf-8-sig").splitlines()))
    columns = {heading: [row[place] for row in rows[1:]] for place, heading in enumerate(rows[0])}
    assert {"本人", "人口普查（仅评估）"} <= {part for side in "AB" for cell in columns[f"来源 {side}"] for part in cell.split(" · ")}
    assert {cell.strip("‹›") for side in "AB" for cell in columns[f"性别 {side}"]} == {"", "男", "女"}
    assert not [cell for side in "AB" for cell in columns[f"区划 {side}"] if any(c.isdigit() for c in cell)]
    for side in "AB":
        births = zip(columns[f"来源 {side}"], columns[f"出生日期 {side}"], strict=True)
        assert {len(birth.translate({ord(c): None for c in "‹›∅"})) for source, birth in births if source.startswith("人口普查") and birth} == {7}
    book = openpyxl.load_workbook(drawn["files"][1])
    assert book.sheetnames == ["题目", "填写说明"]
    assert (book["题目"].freeze_panes, book["题目"].cell(1, ANSWER + 1).value) == ("D2", "是否同一人")
    assert any("不确定" in str(cell.value) for cell in book["填写说明"]["A"])
    [validation] = book["题目"].data_validations.dataValidation
    assert validation.formula1 == '"是,否,不确定"'


def test_the_same_draw_gives_the_same_form(world: World, drawn: dict[str, Any], tmp_path: Path) -> None:
    again = sample_pairs(world.workspace, DRAW, tmp_path / "form", tmp_path / "key.json", Look())
    assert again["sample"] == drawn["sample"]
    assert Path(again["files"][0]).read_bytes() == Path(drawn["files"][0]).read_bytes()
    with pytest.raises(UsageError, match="RC-M11"):
        sample_pairs(world.workspace, DRAW, tmp_path / "form", tmp_path / "key.json", Look())
    with pytest.raises(UsageError, match="RC-M10"):
        sample_pairs(world.workspace, DRAW, tmp_path / "both", tmp_path / "both" / "key.json", Look())


def test_bare_values_need_a_name_and_a_reason_and_leave_a_trace(world: World, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="RC-M05"):
        sample_pairs(world.workspace, DRAW, tmp_path, tmp_path / "k" / "key.json", Look(unmasked=True, by="li.na"))
    assert not list(tmp_path.iterdir())
    look = Look(unmasked=True, by="li.na", reason="clerks compare with the paper file")
    found = sample_pairs(world.workspace, DRAW, tmp_path / "form", tmp_path / "key.json", look)
    text = Path(found["files"][0]).read_text(encoding="utf-8-sig")
    assert any(value in text for value in world.personal())
    chain = tmp_path / "chain.jsonl"
    ControlDatabase(world.workspace.control_url).export_chain(chain)
    last = json.loads(chain.read_text(encoding="utf-8").splitlines()[-1])
    assert (last["action"], last["object"], last["actor"]) == ("looked", f"sample/{found['sample']}", "li.na")


def written(path: Path, rows: list[list[str]]) -> Path:
    if path.suffix == ".csv":
        csv.writer(path.open("w", encoding="gb18030", newline="")).writerows(rows)
    else:
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return path


@pytest.mark.parametrize("name", ["filled.csv", "filled.xlsx"])
def test_right_answers_give_figures_that_cover_the_truth(world: World, right: list[list[str]], tmp_path: Path, name: str) -> None:
    found = estimate_from(world.workspace, written(tmp_path / name, right))
    assert (found["problems"], found["unsure"], found["blank"]) == ([], 0, 0)
    assert found["answered"] == found["lines"] == len(right) - 1
    told = {(row["of"], row["figure"]): row for row in found["estimates"]}
    assert told["all links", "precision"]["value"] > 0.97
    assert told["all links", "recall"]["low"] <= told["all links", "recall"]["value"] <= told["all links", "recall"]["high"]
    assert told["likeness (tier 3)", "recall"]["value"] > 0.8


Change = Callable[[list[list[str]]], None]


def set_cell(row: int, column: int, value: str) -> Change:
    def change(rows: list[list[str]]) -> None:
        rows[row][column] = value

    return change


def otherwise(row: list[str]) -> list[str]:
    return [*row[:ANSWER], "否" if row[ANSWER] == "是" else "是", *row[ANSWER + 1 :]]


LINES: dict[str, tuple[Change, str]] = {
    "a word that is no answer": (set_cell(1, ANSWER, "perhaps"), "RC-M26"),
    "a question that was not asked": (set_cell(2, 1, "99999"), "RC-M25"),
    "a question that is no number": (set_cell(2, 1, "first"), "RC-M25"),
    "a line of another sample": (set_cell(3, 0, "S0000000"), "RC-M24"),
    "one question answered twice": (lambda rows: rows.append(otherwise(rows[4])), "RC-M27"),
}


@pytest.mark.parametrize("case", LINES)
def test_wrong_lines_are_named_and_left_out(world: World, right: list[list[str]], tmp_path: Path, case: str) -> None:
    change, code = LINES[case]
    rows = [list(row) for row in right]
    change(rows)
    found = estimate_from(world.workspace, written(tmp_path / "filled.csv", rows))
    wrong = next(number for number, row in enumerate(rows, 1) if number > len(right) or row != right[number - 1])
    assert [(p["line"], p["code"]) for p in found["problems"]] == [(wrong, code)]
    assert found["answered"] == len(rows) - 2


def test_blank_and_unsure_lines_are_counted(world: World, right: list[list[str]], tmp_path: Path) -> None:
    rows = [list(row) for row in right]
    rows[1][ANSWER], rows[2][ANSWER] = "", "unsure"
    found = estimate_from(world.workspace, written(tmp_path / "filled.csv", rows))
    assert (found["blank"], found["unsure"], found["answered"]) == (1, 1, len(right) - 3)


def test_forms_that_say_nothing_are_refused(world: World, right: list[list[str]], tmp_path: Path) -> None:
    empty = [right[0], *([*row[:ANSWER], "", *row[ANSWER + 1 :]] for row in right[1:])]
    with pytest.raises(UsageError, match="RC-M23"):
        estimate_from(world.workspace, written(tmp_path / "empty.csv", empty))
    with pytest.raises(UsageError, match="RC-M21"):
        estimate_from(world.workspace, written(tmp_path / "headless.csv", [row[2:] for row in right]))
    with pytest.raises(UsageError, match="RC-M22"):
        estimate_from(world.workspace, written(tmp_path / "unknown.csv", [right[0], *(["Sffffffff", *row[1:]] for row in right[1:])]))
    (tmp_path / "no.xlsx").write_bytes(b"no workbook")
    with pytest.raises(UsageError, match="RC-M20"):
        estimate_from(world.workspace, tmp_path / "no.xlsx")
    with pytest.raises(UsageError, match=r"RC-M20.*no such form"):
        estimate_from(world.workspace, tmp_path / "gone.csv")
    with pytest.raises(UsageError, match=r"RC-M22.*no key"):
        estimate_from(world.workspace, written(tmp_path / "right.csv", right), tmp_path / "no.xlsx")
