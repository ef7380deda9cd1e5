"""Filled work lists come back in any shape that an office produces: good lines count, each wrong line is named, nothing is half done."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.cases.acts import Act, CaseDesk
from pipelines.cases.answers import ImportResult, import_answers
from pipelines.contracts.worklist import ANSWERED, ANSWERS, ASKED, CASE_ID, Blank
from pipelines.errors import UsageError
from pipelines.settings import FormConfig, SourceConfig, load_deployment
from tests.cases.world import Finding, World, told

COLUMNS = (CASE_ID, Blank("entry_no", "人员编号", "entry no"), *ASKED, *ANSWERED)
POLICE = load_deployment(Path(__file__).parents[2] / "deployments" / "yunzhou").sources["police"]
TODAY = "2026-01-02"
GOOD = {"answer": "已更正", "answered_on": TODAY, "answered_by": "王警官", "note": ""}
Filled = Sequence[dict[str, str]]


def cells(lines: Filled, language: str = "zh") -> list[list[str]]:
    return [[getattr(c, language) for c in COLUMNS], *([line.get(c.name, "") for c in COLUMNS] for line in lines)]


def as_csv(path: Path, lines: Filled, encoding: str = "gb18030", delimiter: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(cells(lines))
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def as_xlsx(path: Path, lines: Filled, language: str = "zh", title: str = "") -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(([[title]] if title else []) + cells(lines, language)):
            for column, cell in enumerate(line):
                sheet.write_string(row, column, cell)
    return path


@pytest.fixture
def control_url(tmp_path: Path) -> str:
    """What is read from a file is the same for every control database."""
    return f"sqlite:///{tmp_path}/control.sqlite"


@pytest.fixture
def cases(world: World) -> list[str]:
    world.run(Finding(), Finding("B01", "P2"), Finding("D03", "P3", owner="pension"))
    return [str(c["case_id"]) for code in ("D01", "B01", "D03") for c in world.control.list_cases(code=code)]


def take(world: World, path: Path, source: SourceConfig = POLICE) -> ImportResult:
    return import_answers(CaseDesk(world.control), path, source, Act("clerk", world.at))


def problems(result: ImportResult) -> list[tuple[int, str]]:
    return [(p.line, p.code) for p in result.problems]


def test_good_lines_are_applied_and_a_file_twice_is_once(world: World, cases: list[str], tmp_path: Path) -> None:
    lines = [{"case_id": cases[0], **GOOD}, {"case_id": cases[1], **GOOD, "answer": "lawful_exception", "note": "'=abroad"}, {"case_id": "C0"}]
    result = take(world, as_csv(tmp_path / "a.csv", lines))
    assert (sorted(result.applied), result.blank, result.problems) == (sorted(cases[:2]), 1, [])
    assert [world.control.case(c)["state"] for c in cases] == ["corrected_at_source", "answered", "referred"]
    assert world.control.case_history(cases[1])[-1]["reason"] == "lawful exception: =abroad"
    again = take(world, tmp_path / "a.csv")
    assert (again.applied, sorted(again.repeated)) == ([], sorted(cases[:2]))
    assert world.control.verify_audit() == []


@pytest.mark.parametrize(
    "write",
    [
        lambda path, lines: as_csv(path / "a.csv", lines, "utf-8-sig"),
        lambda path, lines: as_csv(path / "a.csv", lines, "utf-8"),
        lambda path, lines: as_csv(path / "a.csv", lines, "utf-16"),
        lambda path, lines: as_csv(path / "a.csv", lines, delimiter=";"),
        lambda path, lines: as_xlsx(path / "a.xlsx", lines),
        lambda path, lines: as_xlsx(path / "a.xlsx", lines, "en", "Work list of the police"),
        lambda path, lines: as_xlsx(path / "a.xlsx", lines, "name"),
    ],
    ids=["utf-8 with a mark", "utf-8", "utf-16", "semicolons", "workbook", "English, under a title", "names"],
)
def test_every_shape_that_an_office_produces(world: World, cases: list[str], tmp_path: Path, write: object) -> None:
    assert callable(write)
    result = take(world, write(tmp_path, [{"case_id": cases[0], **GOOD}]))
    assert (result.applied, result.problems) == ([cases[0]], [])


LINE_PROBLEMS = {
    "no case": ({"case_id": ""}, "RC-K22"),
    "no answer": ({"answer": ""}, "RC-K23"),
    "unknown answer": ({"answer": "maybe"}, "RC-K23"),
    "nobody": ({"answered_by": " "}, "RC-K24"),
    "no date": ({"answered_on": "last week"}, "RC-K25"),
    "in the future": ({"answered_on": "2031-01-01"}, "RC-K25"),
    "unknown case": ({"case_id": "C000000000000"}, "RC-K01"),
}


@pytest.mark.parametrize(("wrong", "code"), LINE_PROBLEMS.values(), ids=LINE_PROBLEMS)
def test_a_wrong_line_is_named_and_the_good_one_beside_it_counts(
    world: World, cases: list[str], tmp_path: Path, wrong: dict[str, str], code: str
) -> None:
    lines = [{"case_id": cases[1], **GOOD, **wrong}, {"case_id": cases[0], **GOOD}]
    result = take(world, as_csv(tmp_path / "a.csv", lines))
    assert (problems(result), result.applied) == ([(2, code)], [cases[0]])
    assert world.control.case(cases[1])["state"] == "referred"


def test_another_departments_case_is_refused(world: World, cases: list[str], tmp_path: Path) -> None:
    assert problems(take(world, as_csv(tmp_path / "a.csv", [{"case_id": cases[2], **GOOD}]))) == [(2, "RC-K27")]


def test_lines_of_one_case_must_agree(world: World, cases: list[str], tmp_path: Path) -> None:
    lines = [{"case_id": cases[0], **GOOD}, {"case_id": cases[0], **GOOD, "answer": "lag"}]
    assert problems(take(world, as_csv(tmp_path / "a.csv", lines))) == [(2, "RC-K26"), (3, "RC-K26")]
    agreed = [{"case_id": cases[0], **GOOD, "note": "one"}, {"case_id": cases[0], **GOOD, "note": "two"}]
    assert take(world, as_csv(tmp_path / "b.csv", agreed)).applied == [cases[0]]
    assert world.control.case_history(cases[0])[-1]["reason"] == "corrected: one; two"


def test_an_answer_to_a_closed_case_is_too_late(world: World, cases: list[str], tmp_path: Path) -> None:
    world.run()
    assert problems(take(world, as_csv(tmp_path / "a.csv", [{"case_id": cases[0], **GOOD}]))) == [(2, "RC-K04")]


def test_a_claimed_correction_has_to_be_seen(world: World, cases: list[str], tmp_path: Path) -> None:
    case = cases[0]
    take(world, as_csv(tmp_path / "a.csv", [{"case_id": case, **GOOD}]))
    assert world.control.case(case)["due_on"] == world.night + timedelta(days=45)
    finding = [Finding(), Finding("B01", "P2"), Finding("D03", "P3", owner="pension")]
    events = world.run(*finding, days=46)
    assert told(events[events["case_id"] == case]) == ["not_corrected"]
    assert world.control.case(case)["state"] == "referred"


def test_files_that_are_no_work_list(world: World, cases: list[str], tmp_path: Path) -> None:
    (tmp_path / "noise.xlsx").write_bytes(b"PK nonsense")
    (tmp_path / "noise.csv").write_bytes(b"\xff\x81\x00\xff" * 9)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    (tmp_path / "half.csv").write_text("案件编号,核查结果\nC1,lag\n")
    (tmp_path / "empty.csv").write_text("")
    for name, code in (("noise.xlsx", "RC-K20"), ("noise.csv", "RC-K20"), ("other.csv", "RC-K21"), ("half.csv", "RC-K21"), ("empty.csv", "RC-K21")):
        with pytest.raises(UsageError, match=code):
            take(world, tmp_path / name)


def test_every_answer_of_the_contract_can_be_given(world: World, cases: list[str], tmp_path: Path) -> None:
    for number, answer in enumerate(ANSWERS.values()):
        lines = [{"case_id": cases[0], **GOOD, "answer": answer.zh, "note": str(number)}]
        assert take(world, as_csv(tmp_path / "a.csv", lines)).applied == [cases[0]]
    assert isinstance(POLICE.form, FormConfig)
