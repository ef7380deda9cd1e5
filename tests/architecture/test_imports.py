"""Imports point one way: contracts at the bottom, flow the only composition root."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("pipelines", "matching", "expectations", "dags", "data_samples", "benchmarks", "console", "tools")
STEPS = ("receive", "validate", "standardise", "link", "identify", "reconcile", "cases", "publish")
BASE = {"pipelines.contracts", "pipelines.errors", "pipelines.settings", "pipelines.step", "pipelines.log"}

# part -> what it may import of ours. A part may always import itself.
MAY_IMPORT: dict[str, set[str]] = {
    "pipelines.contracts": set(),
    "pipelines.errors": set(),
    "pipelines.log": set(),
    "pipelines.settings": {"pipelines.errors", "pipelines.contracts"},
    "pipelines.step": {"pipelines.errors", "pipelines.settings", "pipelines.contracts"},
    "pipelines.locales": {"pipelines.contracts", "pipelines.errors"},
    "pipelines.storage": {"pipelines.contracts", "pipelines.errors", "pipelines.settings", "pipelines.step"},
    "pipelines.connectors": BASE | {"pipelines.storage", "pipelines.locales"},
    **{f"pipelines.{step}": BASE | {"pipelines.storage", "pipelines.locales"} for step in STEPS},
    "pipelines.night": BASE | {"pipelines.storage"},
    "pipelines.flow": BASE | {f"pipelines.{s}" for s in STEPS} | {"pipelines.connectors", "pipelines.night", "pipelines.storage"},
    "pipelines.desk": BASE | {f"pipelines.{s}" for s in (*STEPS, "flow", "night", "storage", "locales")} | {"data_samples"},
    "pipelines.cli": {"pipelines.flow", "pipelines.desk", "pipelines.night", "pipelines.settings", "pipelines.errors", "pipelines.step"},
    "matching": set(),
    "expectations": set(),
    "data_samples": set(),
    "dags": {"pipelines.flow", "pipelines.settings", "pipelines.errors"},
}
ALSO = {
    "pipelines.validate": {"expectations"},
    "pipelines.publish": {"expectations"},
    "pipelines.link": {"matching"},
    "pipelines.identify": {"matching"},
    "pipelines.desk": {"matching"},
}


def part_of(module: str) -> str:
    """``pipelines.receive.parse`` -> ``pipelines.receive``; the other top folders are one part each."""
    names = module.split(".")
    return ".".join(names[:2]) if names[0] == "pipelines" else names[0]


def modules() -> list[tuple[str, Path]]:
    found = []
    for top in ("pipelines", "matching", "expectations", "dags", "data_samples"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            found.append((name, path))
    return found


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            if node.module == "pipelines":
                names |= {f"pipelines.{alias.name}" for alias in node.names}
            else:
                names.add(node.module)
    return {n for n in names if n.split(".")[0] in OURS}


@pytest.mark.parametrize(("name", "path"), modules(), ids=[n for n, _ in modules()])
def test_imports_point_one_way(name: str, path: Path) -> None:
    part = part_of(name)
    if name in {"pipelines", "pipelines.__main__"}:
        return
    allowed = MAY_IMPORT[part] | ALSO.get(part, set()) | {part}
    wrong = {i for i in imported(path) if part_of(i) not in allowed and i != "pipelines"}
    assert not wrong, f"{name} may not import {', '.join(sorted(wrong))}"


def test_only_storage_uses_sqlalchemy() -> None:
    users = {
        part_of(name)
        for name, path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        and any(
            (m or "").split(".")[0] in {"sqlalchemy", "alembic"}
            for m in ([node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        )
    }
    assert users <= {"pipelines.storage", "pipelines.connectors"}


def test_only_dags_use_airflow() -> None:
    users = {
        name for name, path in modules() if "import airflow" in path.read_text(encoding="utf-8") or "from airflow" in path.read_text(encoding="utf-8")
    }
    assert all(name.startswith("dags") for name in users)
