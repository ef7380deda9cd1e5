"""The page about the library: its model can be read, its example runs."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from matching import LinkageModel, evaluate, explain, predicates

PAGE = Path(__file__).parents[2] / "docs" / "matching.md"


def test_the_examples_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path / "model.yml"
    path.write_text(next(text for kind, text in blocks if kind == "yaml"), encoding="utf-8")
    assert LinkageModel.from_yaml(path).is_trained
    names: dict[str, object] = {"path": path, "kept": tmp_path / "kept"}
    for text in (text for kind, text in blocks if kind == "python"):
        exec(compile(text, "example", "exec"), names)
    printed = capsys.readouterr().out
    assert "For one person: same name" in printed
    assert printed.endswith("\n1\n"), "one link stands in the end"


@pytest.mark.parametrize("module", [predicates, evaluate, explain])
def test_examples_in_docstrings(module: object) -> None:
    done = doctest.testmod(module)  # type: ignore[arg-type]
    assert (done.failed, done.attempted > 0) == (0, True)
