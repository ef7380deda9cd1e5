"""What a vintage was made with, kept beside it: the deployment folder and the rules as they were, so that a case can be told a year later."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pipelines

CONFIGURATION, RULES = "configuration", "rules"
CONFIGURED = frozenset({".yml", ".csv", ".sql"})
"""Endings of the files that a deployment's hash covers."""
BUILT_IN = Path(pipelines.__file__).parent / "reconcile" / "rules"


def pin_configuration(deployment: Path, folder: Path) -> None:
    """Copy the files that a deployment's hash covers into ``folder``, under their own paths."""
    for path in sorted(p for p in deployment.rglob("*") if p.is_file() and p.suffix in CONFIGURED):
        _copy(path, folder / path.relative_to(deployment))


def pin_rules(deployment: Path, folder: Path) -> None:
    """Copy every rule's file into ``folder``, a deployment's own in place of the built-in one."""
    for name, path in sorted(_rules(deployment).items()):
        _copy(path, folder / name)


def pinned_rule(vintage: Path, deployment: Path, code: str) -> Path | None:
    """The file of a rule as the vintage was made with it; of a vintage that keeps none, today's."""
    kept = vintage / RULES / f"{code}.yml"
    return kept if kept.is_file() else _rules(deployment).get(f"{code}.yml")


def _rules(deployment: Path) -> Mapping[str, Path]:
    folders = (BUILT_IN, deployment / "rules")
    return {path.name: path for folder in folders for path in folder.glob("*.yml") if not path.name.endswith(".cases.yml")}


def _copy(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
