"""The house style, as far as a machine can see it."""

import ast
import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = [
    p for top in ("pipelines", "matching", "expectations", "dags", "data_samples", "benchmarks", "tools") for p in sorted((ROOT / top).rglob("*.py"))
]
IDS = [p.relative_to(ROOT).as_posix() for p in CODE]
LINES_MAX, LINES_MEDIAN = 400, 130
BANNED_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "stuff"}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_modules_are_small() -> None:
    too_long = {p.relative_to(ROOT).as_posix(): lines(p) for p in CODE if lines(p) > LINES_MAX}
    assert not too_long
    assert statistics.median(lines(p) for p in CODE) <= LINES_MEDIAN


def test_functions_are_small() -> None:
    lengths = {}
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                lengths[f"{path.relative_to(ROOT)}:{node.name}"] = (node.end_lineno or 0) - first.lineno + 1
    long = {name: n for name, n in lengths.items() if n > 40}
    assert len(long) <= 0.04 * len(lengths), sorted(long.items(), key=lambda item: -item[1])


@pytest.mark.parametrize("path", CODE, ids=IDS)
def test_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{path.relative_to(ROOT)} has no docstring"
    assert path.stem.lstrip("_") not in BANNED_NAMES


@pytest.mark.parametrize("path", CODE, ids=IDS)
def test_public_functions_have_docstrings_and_no_mutable_defaults(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.relative_to(ROOT)}:{node.name} has no docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for default in (*node.args.defaults, *node.args.kw_defaults):
                assert not isinstance(default, ast.List | ast.Dict | ast.Set), f"{path.relative_to(ROOT)}:{node.lineno} mutable default"


def test_no_step_reads_a_clock_or_rolls_dice() -> None:
    banned = re.compile(r"\b(datetime\.now|date\.today|time\.time\(|random\.|np\.random|uuid4)\b")
    steps = [
        p
        for s in ("receive", "validate", "standardise", "link", "identify", "reconcile", "cases", "publish")
        for p in (ROOT / "pipelines" / s).rglob("*.py")
    ]
    found = [
        f"{p.relative_to(ROOT)}:{n}" for p in steps for n, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1) if banned.search(line)
    ]
    assert not found


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def test_no_unfinished_places_and_no_machine_paths() -> None:
    unfinished = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|NotImplemented" + "Error")
    machine = re.compile(r"(^|[^A-Za-z0-9_./-])/(wo" + "rk|fa" + "rm)/[A-Za-z]")
    registry = re.compile(r"(pypi|pythonhosted|npmjs|deb\.debian)\.(org|com)")
    wrong = []
    for path in tracked():
        if path.suffix not in {".py", ".md", ".yml", ".yaml", ".toml", ".csv", ".lock", ".sql", ".j2", ""}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if path.suffix == ".py" and unfinished.search(text):
            wrong.append(f"{path.relative_to(ROOT)}: unfinished")
        wrong += [f"{path.relative_to(ROOT)}: {kind.pattern}" for kind in (machine, registry) if kind.search(text)]
    assert not wrong
