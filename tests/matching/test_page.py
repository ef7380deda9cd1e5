"""The page about the library: its model can be read, its example runs."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from matching import LinkageModel, evaluate, explain, predicates

PAGE = Path(__file__).parents[2] / "docs" / "matching.md"


def test_the_example_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL))
    path = tmp_path / "model.yml"
    path.write_text(blocks["yaml"], encoding="utf-8")
    assert LinkageModel.from_yaml(path).is_trained
    names: dict[str, object] = {"path": path}
    exec(compile(blocks["python"], "example", "exec"), names)
    assert "For one person: same name" in capsys.readouterr().out


@pytest.mark.parametrize("module", [predicates, evaluate, explain])
def test_examples_in_docstrings(module: object) -> None:
    done = doctest.testmod(module)  # type: ignore[arg-type]
    assert (done.failed, done.attempted > 0) == (0, True)
