"""Every command has help and --json, tells errors in one line with their exit code, and works on a real data folder."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from pipelines.cli import app

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data_samples" / "yunzhou"
NIGHTS = json.loads((SAMPLES / "nights.json").read_text())


def commands(command: Any, name: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if hasattr(command, "commands"):
        for part, below in sorted(command.commands.items()):
            yield from commands(below, (*name, part))
    else:
        yield name, command


COMMANDS = dict(commands(typer.main.get_command(app)))


def rollcall(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_command_has_help_and_json(name: tuple[str, ...]) -> None:
    command = COMMANDS[name]
    assert command.help
    options = {o for p in command.params for o in p.opts}
    assert "--json" in options
    for parameter in command.params:
        if parameter.param_type_name == "option" and not {"--code", "--state", "--assignee", "--division", "--until", "--limit"} & set(
            parameter.opts
        ):
            assert parameter.help, f"{' '.join(name)} {parameter.opts}"


def test_the_issue_s_commands_are_there() -> None:
    wanted = "demo simulate init validate-config run status explain evaluate rebuild doctor report evidence export verify-audit"
    assert {(c,) for c in wanted.split()} <= set(COMMANDS)
    groups = {
        "quarantine": {"list"},
        "hold": {"list", "override"},
        "vintage": {"list", "path"},
        "cases": {"list", "show", "assign", "decide", "reopen"},
    }
    assert {(g, c) for g, below in groups.items() for c in below} <= set(COMMANDS)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the first sample night."""
    folder = tmp_path_factory.mktemp("cli") / "data"
    done = rollcall("run", "--date", NIGHTS[0], "--data", str(folder), "--inbox", str(SAMPLES / "inbox"), "--json")
    assert done.returncode in {0, 4}, done.stderr
    assert json.loads(done.stdout)["nights"][0]["vintage"].startswith("V")
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("quarantine", "list"),
        ("hold", "list"),
        ("vintage", "list"),
        ("vintage", "path"),
        ("report",),
        ("cases", "list"),
        ("decisions", "list"),
        ("verify-audit",),
        ("evaluate", "--truth", str(SAMPLES / "truth")),
        ("doctor", "--inbox", str(SAMPLES / "inbox")),
    ],
    ids=" ".join,
)
def test_command_answers_in_json(data: Path, arguments: tuple[str, ...]) -> None:
    done = rollcall(*arguments, "--data", str(data), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


def test_a_case_can_be_looked_at_worked_on_and_proved(data: Path, tmp_path: Path) -> None:
    at = ("--data", str(data), "--json")
    case = json.loads(rollcall("cases", "list", "--code", "D01", *at).stdout)["cases"][0]["case_id"]
    assert json.loads(rollcall("explain", case, *at).stdout)["tables"]["records"]
    person = json.loads(rollcall("cases", "show", case, *at).stdout)["case"]["person_ids"][0]
    told = json.loads(rollcall("explain", person, *at).stdout)
    assert told["tables"]["records"]
    assert told["sentences"]
    assert rollcall("cases", "assign", case, "--to", "li.na", *at).returncode == 2, "a name is needed"
    assert rollcall("cases", "assign", case, "--to", "li.na", "--by", "zhang.wei", "--reason", "hers", *at).returncode == 0
    packed = rollcall("evidence", case, "--out", str(tmp_path / "evidence"), *at)
    assert packed.returncode == 0, packed.stderr
    assert Path(json.loads(packed.stdout)["pack"]).is_file()


def test_init_makes_a_deployment_that_is_right(tmp_path: Path) -> None:
    assert rollcall("init", "elbonia", "--into", str(tmp_path), "--json").returncode == 0
    checked = rollcall("validate-config", "--deployment", str(tmp_path / "elbonia"), "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["deployment"] == "elbonia"


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (("run", "--date", "2026-01-30", "--deployment", "no/such/folder"), "RC-C01", 2),
        (("status", "--data", "DATA", "--deployment", "BROKEN"), "RC-C03", 2),
        (("explain", "P000000000000", "--data", "EMPTY"), "RC-U02", 2),
        (("explain", "Q1", "--data", "DATA"), "RC-U08", 2),
        (("hold", "override", "H1", "--by", "a", "--reason", "b", "--data", "DATA"), "RC-H01", 2),
        (("evaluate", "--truth", "no/truth", "--data", "DATA"), "RC-U11", 2),
        (("init", "Not A Name"), "RC-U05", 2),
    ],
)
def test_errors_are_one_line_with_a_code(data: Path, tmp_path: Path, arguments: tuple[str, ...], code: str, exit_code: int) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(ROOT / "deployments" / "yunzhou", broken)
    main = broken / "deployment.yml"
    main.write_text(main.read_text(encoding="utf-8").replace("engine: recordlinkage", "engine: abacus"), encoding="utf-8")
    places = {"DATA": str(data), "EMPTY": str(tmp_path / "empty"), "BROKEN": str(broken)}
    done = rollcall(*(places.get(a, a) for a in arguments), "--json")
    assert done.returncode == exit_code, done.stderr
    assert json.loads(done.stdout)["error"]["code"] == code
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    if code == "RC-C03":
        line = next(n for n, text in enumerate(main.read_text(encoding="utf-8").splitlines(), 1) if "abacus" in text)
        assert f"line {line}: engine" in done.stderr
