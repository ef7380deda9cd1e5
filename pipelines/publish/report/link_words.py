"""Comparison levels in words: ``name=6;sex=1`` becomes "same name" +12, "same sex" +1, in bits of match weight.

Levels of a model come by number (0 the last level, -1 nothing to compare) and get the model file's own labels; the levels of sure
tiers come by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pipelines.publish.labels import Labels
from pipelines.settings import Deployment


@dataclass(frozen=True)
class Level:
    """A level of the model: its labels by language, and the bits that it adds; null = nothing to compare, which says nothing."""

    label: Mapping[str, str]
    bits: float | None


Levels = Mapping[tuple[str, str], Level]
"""By comparison and number."""


def levels_in_words(levels: str, deployment: Deployment, words: Labels) -> list[tuple[str, float | None]]:
    """The levels of a link and the bits that each adds, the strongest evidence first; what could not be compared is left out."""
    known = _model(deployment.file(deployment.config.model))
    said: list[tuple[str, float | None]] = []
    for part in levels.split(";"):
        comparison, _, level = part.strip().partition("=")
        found = known.get((comparison, level))
        if found is not None and found.bits is not None:
            said.append((found.label[words.language], found.bits))
        elif found is None and level not in ("", "missing", "-1"):
            said.append((f"{words(f'compared.{comparison}')}{'' if words.language == 'zh' else ': '}{words(f'level.{level}')}", None))
    return sorted(said, key=lambda item: -abs(item[1] or 0))


@cache
def _model(path: Path) -> Levels:
    """Labels of a model file; nothing when there is none."""
    if not path.is_file():
        return {}
    tree: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    found: dict[tuple[str, str], Level] = {}
    for comparison in tree.get("comparisons", ()):
        levels = [level for level in comparison["levels"] if not level.get("is_null")]
        found[comparison["name"], "-1"] = Level({}, None)
        for number, level in zip(range(len(levels) - 1, -1, -1), levels, strict=True):
            found[comparison["name"], str(number)] = Level(level["label"], math.log2(level["m"] / level["u"]))
    return found
