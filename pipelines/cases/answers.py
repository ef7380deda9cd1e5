"""Take a department's filled work list back: good lines are applied, each whole or not at all; a wrong line is named with its number and why."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pipelines.cases.acts import Act, CaseDesk, Reply
from pipelines.cases.filled import FilledLine, read_filled
from pipelines.contracts.worklist import ANSWERED, ANSWERS
from pipelines.errors import RollcallError
from pipelines.settings import SourceConfig

BY_HEADING = {text: answer.name for answer in ANSWERS.values() for text in (answer.name, answer.zh, answer.en)}


@dataclass(frozen=True)
class LineProblem:
    """Why a line was not applied. No cell's content is repeated."""

    line: int
    case_id: str
    code: str
    what: str


@dataclass
class ImportResult:
    """What became of a file's lines: ``applied`` and ``repeated`` list cases, ``blank`` counts lines without an answer."""

    file: str
    lines: int = 0
    blank: int = 0
    applied: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {**vars(self), "problems": [vars(p) for p in self.problems]}


def import_answers(desk: CaseDesk, path: Path, source: SourceConfig, act: Act) -> ImportResult:
    """Read ``path`` (CSV in the department's encoding, or XLSX) as the filled list of ``source`` and apply its answers to cases.

    Lines of one case, one for each of its records, must agree. Importing a file again has no effect.

    Raises:
        UsageError: RC-K20 the file can't be read, RC-K21 it lacks columns of a work list.
    """
    result = ImportResult(path.name)
    replies: defaultdict[str, dict[int, Reply]] = defaultdict(dict)
    for line in read_filled(path, source.form):
        result.lines += 1
        if not any(line.cells[column.name] for column in ANSWERED):
            result.blank += 1
            continue
        problems = list(_check(line, act))
        result.problems += problems
        if not problems:
            replies[line.case_id][line.number] = _reply(line)
    for case_id, given in replies.items():
        _apply(desk, source, case_id, given, act, result)
    result.problems.sort(key=lambda p: (p.line, p.code))
    return result


def _check(line: FilledLine, act: Act) -> Iterator[LineProblem]:
    """Everything that is wrong with one line by itself."""
    cells = line.cells
    if not line.case_id:
        yield LineProblem(line.number, "", "RC-K22", "no case id")
    if not cells["answer"]:
        yield LineProblem(line.number, line.case_id, "RC-K23", "no answer is given, but other columns are filled in")
    elif cells["answer"] not in BY_HEADING:
        yield LineProblem(line.number, line.case_id, "RC-K23", f"the answer is none of: {', '.join(ANSWERS)}")
    if not cells["answered_by"]:
        yield LineProblem(line.number, line.case_id, "RC-K24", "nobody is named under answered by")
    day = _day(cells["answered_on"])
    if day is None:
        yield LineProblem(line.number, line.case_id, "RC-K25", "answered on is no date; write it as 2026-01-31")
    elif day > datetime.fromisoformat(act.at).date():
        yield LineProblem(line.number, line.case_id, "RC-K25", "answered on lies in the future")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.replace("/", "-").replace(".", "-"))
    except ValueError:
        return None


def _reply(line: FilledLine) -> Reply:
    day = _day(line.cells["answered_on"])
    assert day is not None
    return Reply(BY_HEADING[line.cells["answer"]], line.cells["answered_by"], day, line.cells["note"])


def _apply(desk: CaseDesk, source: SourceConfig, case_id: str, given: dict[int, Reply], act: Act, result: ImportResult) -> None:
    """One case: its lines agree, it is the department's own, and the machine allows an answer now."""
    if len({r.answer for r in given.values()}) > 1:
        result.problems += [LineProblem(n, case_id, "RC-K26", "the lines of this case give different answers") for n in given]
        return
    notes = dict.fromkeys(r.note for r in given.values() if r.note)
    reply = replace(next(iter(given.values())), note="; ".join(notes))
    try:
        case = desk.control.case(case_id)
        if case["owner"] != source.source:
            result.problems += [LineProblem(n, case_id, "RC-K27", f"the case belongs to {case['owner']}") for n in given]
            return
        done = desk.answer(case_id, reply, act)
    except RollcallError as error:
        result.problems += [LineProblem(n, case_id, error.code, error.what) for n in given]
        return
    (result.repeated if done["version"] == case["version"] else result.applied).append(case_id)
