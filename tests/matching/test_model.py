"""The model file: reading, writing, the hash, and errors that name the place."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from matching.model import LinkageModel, ModelError, Thresholds
from matching.predicates import PredicateError, parse, parse_key, write, write_key

TEXT = """\
name: people
version: 3
prior: 0.001
thresholds: {join: 0.99, break: 0.9, review: 0.5}
training: {data: "two files", method: EM}
blocks:
  - [name, year(birth)]
  - {on: ["prefix(name, 2)", tokens(place)], cap: 50}
comparisons:
  - name: name
    label: {zh: 姓名, en: name}
    levels:
      - {name: missing, when: any_null(name), is_null: true, label: {zh: 姓名缺失, en: name missing}}
      - name: same
        when: exact(name)
        m: 0.9
        u: 0.01
        term_frequency: {column: name, floor: 0.0001}
        label: {zh: 姓名相同, en: same name}
      - {name: other, m: 0.1, u: 0.99, label: {zh: 姓名不同, en: other name}}
"""


def read(text: str, tmp_path: Path) -> LinkageModel:
    path = tmp_path / "model.yml"
    path.write_text(text, encoding="utf-8")
    return LinkageModel.from_yaml(path)


def test_reading_and_writing_again_is_the_same_model(tmp_path: Path, model: LinkageModel) -> None:
    first = read(TEXT, tmp_path)
    assert read(first.to_yaml(), tmp_path) == first
    assert first.comparison("name").numbers == (-1, 1, 0)
    assert first.training == (("data", "two files"), ("method", "EM"))
    again = read(model.to_yaml(), tmp_path)
    assert again == model
    assert again.hash == model.hash
    assert hash(again) == hash(model)


def test_the_hash_is_of_what_decides_a_result(tmp_path: Path) -> None:
    first = read(TEXT, tmp_path)
    assert read(TEXT.replace("same name", "the same name").replace("two files", "three"), tmp_path).hash == first.hash
    assert read(TEXT.replace("u: 0.01", "u: 0.02").replace("0.99,", "0.98,"), tmp_path).hash != first.hash
    assert replace(first, thresholds=Thresholds(0.9, 0.9, 0.5)).hash != first.hash


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("prior: 0.001", "prior: 2", 3, "prior", "between 0 and 1"),
        ("prior: 0.001", "prior: often", 3, "prior", "expected a number"),
        ("version: 3", "versoin: 3", 2, "versoin", "unknown key"),
        ("exact(name)", "exactly(name)", 15, "comparisons.0.levels.1.when", "unknown word exactly"),
        ("exact(name)", "levenshtein(name)", 15, "comparisons.0.levels.1.when", "needs a limit"),
        ("exact(name)", "jaro_winkler(name) >= 3", 15, "comparisons.0.levels.1.when", "up to 1"),
        ("exact(name)", "__import__('os')", 15, "comparisons.0.levels.1.when", "unknown word"),
        ("u: 0.01\n", "u: 0.5\n", 10, "comparisons.name.u", "add up to 1"),
        ("tokens(place)", "soundex(place)", 8, "blocks.1.on.1", "expected a column"),
        ("name: other, m", "when: exact(name), name: other, m", 10, "comparisons.name.levels", "takes what is left"),
        ("is_null: true", "is_null: true, m: 0.1", 13, "comparisons.name.levels.missing", "a null level has no m"),
        ("{zh: 姓名, en: name}", "{zh: 姓名}", 11, "comparisons.0.label", "the key en is missing"),
        ("cap: 50", "cap: 1", 8, "blocks.1", "at least 2"),
        ("break: 0.9", "break: 0.999", 4, "thresholds", "break <= join"),
    ],
)
def test_an_error_names_file_line_and_key(old: str, new: str, line: int, key: str, says: str, tmp_path: Path) -> None:
    assert old in TEXT
    with pytest.raises(ModelError, match=says) as caught:
        read(TEXT.replace(old, new), tmp_path)
    assert (caught.value.line, caught.value.key) == (line, key)
    assert str(caught.value).startswith(f"{tmp_path / 'model.yml'}:{line}: {key}: ")


@pytest.mark.parametrize(
    "text",
    [
        "exact(a)",
        "crossed(a, b) or swapped(a, b)",
        "not (any_null(a) and both_null(a, b, c))",
        "levenshtein(a) <= 1 and damerau(a) <= 2",
        "jaro_winkler(a) >= 0.88 or (prefix(a, 2) and contains(b, 3))",
        "days_apart(a) <= 30 or month_day_swapped(a) or date_one_typo(a) or shared_tokens(b) >= 2",
    ],
)
def test_predicates_are_written_as_they_are_read(text: str) -> None:
    assert write(parse(text)) == text


@pytest.mark.parametrize("text", ["a", "exact()", "exact(a, b)", "exact(a", "exact('a b') +1", "days_apart(a) >= 3", "prefix(a, 0)", "a.b(c)"])
def test_what_is_not_in_the_vocabulary_is_refused(text: str) -> None:
    with pytest.raises(PredicateError):
        parse(text)


@pytest.mark.parametrize("text", ["a", "prefix(a, 2)", "year(a)", "year_month(a)", "tokens(a)"])
def test_keys_are_written_as_they_are_read(text: str) -> None:
    assert write_key(parse_key(text)) == text


def test_importing_needs_only_pandas_numpy_and_rapidfuzz() -> None:
    allowed = {"matching", "pandas", "numpy", "rapidfuzz"}
    program = (
        "import sys; import matching, matching.score, matching.block, matching.explain, matching.evaluate, matching.sample, matching.compare,"
        "matching.compare.vectorised, matching.engines, matching.train; print(sorted(m.partition('.')[0] for m in sys.modules))"
    )
    plain = "import pandas, numpy, rapidfuzz, rapidfuzz.process, rapidfuzz.distance, sys; print(sorted(m.partition('.')[0] for m in sys.modules))"
    ours, theirs = (
        set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout[1:-2].replace("'", "").split(", "))
        for code in (program, plain)
    )
    assert {name for name in ours - theirs - allowed if name not in sys.stdlib_module_names} == set()
