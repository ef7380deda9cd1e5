"""Precision and recall without a truth: what clerks answered about a drawn sample, weighed by how likely each pair was to be drawn."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from matching.evaluate import estimate, wilson
from pipelines.desk.clerical import key_path
from pipelines.desk.clerical_file import ANSWERS, BY_WORD, FilledAnswer, read_answers
from pipelines.desk.vintages import Rows
from pipelines.errors import UsageError
from pipelines.night.workspace import Workspace

GROUPS: Mapping[str, str] = {"all links": "", "likeness (tier 3)": "likeness"}
"""For which links figures are told: the group that a stratum's name begins with."""


@dataclass
class _Read:
    """Answers by question, and what was wrong, line by line."""

    answers: dict[int, tuple[str, int]] = field(default_factory=dict)
    problems: Rows = field(default_factory=list)
    lines: int = 0
    blank: int = 0


def estimate_from(workspace: Workspace, path: Path, key: Path | None = None) -> dict[str, Any]:
    """Read a filled form and estimate. Wrong lines are named and left out, answers of ``unsure`` are counted and left out.

    Returns:
        ``sample``, ``vintage``, ``lines``, ``answered``, ``unsure``, ``blank``, ``problems`` (line, code, what), ``estimates`` (rows: of, figure,
        value, low, high; 95%), ``strata`` (rows: stratum, pairs, answered, one_person, low, high).

    Raises:
        UsageError: RC-M20, RC-M21 the form; RC-M22 the key isn't there, or is none; RC-M23 a stratum has no answer.
    """
    lines = list(read_answers(path))
    document = _key(workspace, lines, key, path)
    read = _checked(lines, document)
    frame = pd.DataFrame(document["questions"]).set_index("question")
    given = pd.DataFrame([{"question": q, "said": said} for q, (said, _) in read.answers.items()], columns=["question", "said"])
    given = given.join(frame[["stratum"]], on="question")
    sure = given[given["said"] != "unsure"].assign(is_match=lambda some: some["said"] == "yes")
    return {
        "sample": document["sample"], "vintage": document["vintage"], "lines": read.lines, "answered": len(sure),
        "unsure": len(given) - len(sure), "blank": read.blank, "problems": read.problems,
        "estimates": _estimates(sure, document["strata"]), "strata": _strata(sure, document["strata"]),
    }  # fmt: skip


def _key(workspace: Workspace, lines: list[FilledAnswer], key: Path | None, path: Path) -> dict[str, Any]:
    named = next((line.sample for line in lines if line.sample), "")
    where = key or key_path(workspace, Path(named).name or "none")
    if not where.is_file():
        raise UsageError(
            "RC-M22", "the sample's key isn't there", where=path.name, todo="Give --key, or the data folder that the sample was drawn from"
        )
    try:
        document: dict[str, Any] = json.loads(where.read_text(encoding="utf-8"))
        return {name: document[name] for name in ("sample", "vintage", "strata", "questions")}
    except (ValueError, KeyError, TypeError) as error:
        todo = "Give the file that 'rollcall sample-pairs' called the key"
        raise UsageError("RC-M22", "that file is no key of a sample", where=str(where), todo=todo) from error


def _checked(lines: list[FilledAnswer], document: Mapping[str, Any]) -> _Read:
    read = _Read(lines=len(lines))
    known = {int(question["question"]) for question in document["questions"]}
    for line in lines:
        if not line.answer:
            read.blank += 1
            continue
        problem = _problem(line, document["sample"], known, read.answers)
        if problem:
            read.problems.append({"line": line.line, "code": problem[0], "what": problem[1]})
        else:
            read.answers[int(line.question)] = BY_WORD[line.answer], line.line
    return read


def _problem(line: FilledAnswer, sample: str, known: set[int], answers: Mapping[int, tuple[str, int]]) -> tuple[str, str] | None:
    """What is wrong with one line, if anything. No cell is repeated."""
    if line.sample != sample:
        return "RC-M24", "the line is of another sample"
    if not line.question.isdigit() or int(line.question) not in known:
        return "RC-M25", "the sample has no question of that number"
    if line.answer not in BY_WORD:
        return "RC-M26", f"the answer is none of: {', '.join(f'{a.zh} {a.en}' for a in ANSWERS.values())}"
    before = answers.get(int(line.question))
    if before and before[0] != BY_WORD[line.answer]:
        return "RC-M27", f"line {before[1]} answers the question otherwise"
    return None


def _estimates(sure: pd.DataFrame, strata: Mapping[str, Mapping[str, Any]]) -> Rows:
    rows: Rows = []
    for title, prefix in GROUPS.items():
        some = {name: told for name, told in strata.items() if name.startswith(prefix)}
        if not any(told["linked"] for told in some.values()):
            continue
        try:
            found = estimate(sure, {n: t["pairs"] for n, t in some.items()}, {n: t["linked"] for n, t in some.items()})
        except ValueError as error:
            raise UsageError(
                "RC-M23", "too few answers", why=str(error), todo="Answer at least one pair of every stratum, then evaluate again"
            ) from error
        rows += [{"of": title, "figure": name, "value": e.value, "low": e.low, "high": e.high} for name, e in found.items()]
    return rows


def _strata(sure: pd.DataFrame, strata: Mapping[str, Mapping[str, Any]]) -> Rows:
    rows: Rows = []
    for name, told in sorted(strata.items()):
        given = sure.loc[sure["stratum"] == name, "is_match"]
        low, high = wilson(float(given.sum()), len(given))
        share = float(given.mean()) if len(given) else None
        rows.append({"stratum": name, "pairs": told["pairs"], "answered": len(given), "one_person": share, "low": low, "high": high})
    return rows
