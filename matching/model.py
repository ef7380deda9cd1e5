"""What a linkage knows, as frozen data: how records are compared, what agreement is worth, which pairs are looked at.

A `LinkageModel` is one reviewed file (`model.yml`). It is trained on purpose (`matching.train`), never by a nightly run.
The theory is that of Fellegi and Sunter, "A Theory for Record Linkage", JASA 64 (1969); frequency adjustment follows
Winkler, "Frequency-based matching in Fellegi-Sunter model of record linkage" (2000).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from matching.predicates import Exact, Key, Predicate, leaves, write, write_key

NULL_LEVEL = -1
"""The level number of a level that says nothing because a value is missing."""


class ModelError(ValueError):
    """A model cannot be used; says where in the file and what to do.

    Attributes: `path` (text or None), `line` (from 1, or None), `key` (dotted place in the file).
    """

    def __init__(self, problem: str, *, key: str, path: str | None = None, line: int | None = None) -> None:
        self.path, self.line, self.key, self.problem = path, line, key, problem
        place = ":".join(str(part) for part in (path, line) if part is not None)
        super().__init__(f"{place}: {key}: {problem}" if place else f"{key}: {problem}")


@dataclass(frozen=True)
class Label:
    """A text for people, in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True)
class TermFrequency:
    """Agreement on a rare value counts more than on a common one.

    The weight of the level gains `weight * log2(u / frequency)`, where u belongs to the level that says
    `exact(column)` (without one, to the level itself) and frequency is the larger one of the pair's two values,
    but at least `floor`, so that a value seen once is not overrated.
    """

    column: str
    floor: float = 0.0
    weight: float = 1.0


@dataclass(frozen=True)
class Level:
    """One degree of agreement.

    `when` is None for the last level, which takes what is left. `m`: among pairs of one person, what share is at this
    level? `u`: among pairs of two people, what share? Both are None until trained, and for a null level.
    """

    name: str
    when: Predicate | None
    label: Label
    m: float | None = None
    u: float | None = None
    is_null: bool = False
    term_frequency: TermFrequency | None = None

    @property
    def weight(self) -> float:
        """log2(m / u), the evidence of this level in bits; 0 for a null level."""
        if self.is_null:
            return 0.0
        if self.m is None or self.u is None:
            raise ModelError("has no m and u yet; train the model first", key=self.name)
        return math.log2(self.m / self.u)


@dataclass(frozen=True)
class Comparison:
    """Levels in order: the first whose condition holds is the level of the pair."""

    name: str
    levels: tuple[Level, ...]
    label: Label

    @property
    def numbers(self) -> tuple[int, ...]:
        """The number of each level: -1 for null levels, else counting down to 0, so that more is closer."""
        rest = sum(not level.is_null for level in self.levels)
        numbers: list[int] = []
        for level in self.levels:
            rest -= not level.is_null
            numbers.append(NULL_LEVEL if level.is_null else rest)
        return tuple(numbers)

    def level(self, number: int) -> Level:
        """The level of this number (the first null level for -1)."""
        return self.levels[self.numbers.index(number)]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the levels read, each once."""
        return tuple(dict.fromkeys(c for level in self.levels if level.when is not None for c in level.when.columns))

    @property
    def is_trained(self) -> bool:
        """Do all levels have their m and u?"""
        return all(level.is_null or (level.m is not None and level.u is not None) for level in self.levels)

    def base_u(self, level: Level) -> float:
        """The u against which the frequency of a value is held for this level."""
        if level.term_frequency is None:
            raise ValueError(f"level {level.name} has no term frequency")
        exact = (each.u for each in self.levels if each.when == Exact(level.term_frequency.column))
        base = next(exact, None) or level.u
        if base is None:
            raise ModelError("has no u yet; train the model first", key=f"{self.name}.{level.name}")
        return base


@dataclass(frozen=True)
class Block:
    """A blocking rule: pairs that agree on every key are compared. A missing key puts a record in no block.

    `cap` is the largest number of records that a block of this rule may hold, where it differs from the model's: a small
    one makes a rule for rare values only.
    """

    keys: tuple[Key, ...]
    cap: int | None = None

    @property
    def name(self) -> str:
        return ", ".join(write_key(key) for key in self.keys)

    @property
    def exploding(self) -> bool:
        """Does a record stand in several blocks of this rule?"""
        return any(key.transform == "tokens" for key in self.keys)


@dataclass(frozen=True)
class Thresholds:
    """Probabilities. At `join` two records become one person; one person is not split above `break_`; from `review`
    on a pair is worth a look by a person."""

    join: float
    break_: float
    review: float


@dataclass(frozen=True)
class LinkageModel:
    """Everything that decides which pairs are compared and what they score.

    `prior` is the probability that two records drawn at random are one person. `block_cap` is the largest number of
    records that one block may hold; larger blocks are left out and reported. `training` describes data and method.
    """

    name: str
    version: int
    prior: float
    thresholds: Thresholds
    blocks: tuple[Block, ...]
    comparisons: tuple[Comparison, ...]
    block_cap: int = 1000
    training: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for key, problem in problems(self):
            raise ModelError(problem, key=key)

    @cached_property
    def hash(self) -> str:
        """16 hexadecimal digits over all that decides a result: not over labels, nor the training description."""
        content = {
            "blocks": [[block.name, self.cap_of(block)] for block in self.blocks],
            "block_cap": self.block_cap,
            "comparisons": [[c.name, [_content(level) for level in c.levels]] for c in self.comparisons],
            "prior": self.prior,
            "thresholds": asdict(self.thresholds),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def is_trained(self) -> bool:
        return all(comparison.is_trained for comparison in self.comparisons)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that blocks, comparisons and frequencies read, each once, sorted."""
        blocked = {key.column for block in self.blocks for key in block.keys}
        compared = {column for comparison in self.comparisons for column in comparison.columns}
        return tuple(sorted(blocked | compared | set(self.frequency_columns)))

    @property
    def frequency_columns(self) -> tuple[str, ...]:
        """The columns whose value frequencies are needed, sorted."""
        found = {level.term_frequency.column for comparison in self.comparisons for level in comparison.levels if level.term_frequency is not None}
        return tuple(sorted(found))

    def cap_of(self, block: Block) -> int:
        """The largest number of records in a block of this rule."""
        return self.block_cap if block.cap is None else block.cap

    def comparison(self, name: str) -> Comparison:
        """The comparison of this name.

        Raises:
            KeyError: there is none.
        """
        for comparison in self.comparisons:
            if comparison.name == name:
                return comparison
        raise KeyError(name)

    def with_comparisons(self, comparisons: tuple[Comparison, ...]) -> LinkageModel:
        return replace(self, comparisons=comparisons)

    @classmethod
    def from_yaml(cls, path: Path | str) -> LinkageModel:
        """Read `model.yml`.

        Raises:
            ModelError: something in it cannot be used; names file, line and key.
        """
        from matching.model_file import read_model

        return read_model(Path(path))

    def to_yaml(self) -> str:
        """The text of `model.yml`; reading it gives this model again."""
        from matching.model_file import model_text

        return model_text(self)


def _content(level: Level) -> list[object]:
    frequency = asdict(level.term_frequency) if level.term_frequency else None
    return [level.name, level.when and write(level.when), level.m, level.u, level.is_null, frequency]


def problems(model: LinkageModel) -> Iterator[tuple[str, str]]:
    """What is wrong with a model, as (key, problem)."""
    if not 0 < model.prior < 1:
        yield "prior", "must lie between 0 and 1"
    if not 0 < model.thresholds.break_ <= model.thresholds.join <= 1:
        yield "thresholds", "need 0 < break <= join <= 1"
    if not 0 < model.thresholds.review <= 1:
        yield "thresholds.review", "must be above 0 and at most 1"
    if model.block_cap < 2:
        yield "block_cap", "must be at least 2 records"
    for place, block in enumerate(model.blocks):
        if block.cap is not None and block.cap < 2:
            yield f"blocks.{place}", "the cap must be at least 2 records"
    for name in _repeated([comparison.name for comparison in model.comparisons]):
        yield f"comparisons.{name}", "stands there twice"
    for comparison in model.comparisons:
        yield from _comparison_problems(comparison)


def _comparison_problems(comparison: Comparison) -> Iterator[tuple[str, str]]:
    key = f"comparisons.{comparison.name}"
    if not comparison.name.isidentifier():
        yield key, "the name must be letters, digits and _ (it becomes a column)"
    if not comparison.levels or comparison.levels[-1].when is not None:
        yield f"{key}.levels", "the last level must have no `when`: it takes what is left"
    for name in _repeated([level.name for level in comparison.levels]):
        yield f"{key}.levels.{name}", "stands there twice"
    for level in comparison.levels:
        yield from ((f"{key}.levels.{level.name}", problem) for problem in _level_problems(comparison, level))
    for side in ("m", "u"):
        values = [getattr(level, side) for level in comparison.levels if not level.is_null]
        if None not in values and abs(sum(values) - 1) > 0.02:
            yield f"{key}.{side}", f"the {side} of all levels must add up to 1, not {sum(values):.4f}"


def _level_problems(comparison: Comparison, level: Level) -> Iterator[str]:
    if level.when is None and level is not comparison.levels[-1]:
        yield "only the last level may have no `when`"
    if level.when is not None and not leaves(level.when):
        yield "the condition is empty"
    if level.is_null and (level.m is not None or level.u is not None or level.term_frequency is not None):
        yield "a null level has no m, u or term frequency"
    for side in ("m", "u"):
        value = getattr(level, side)
        if value is not None and not 1e-300 < value <= 1:
            yield f"{side} must be above 0 and at most 1"
    if level.term_frequency is not None and not 0 <= level.term_frequency.floor < 1:
        yield "the floor of the term frequency must be at least 0 and below 1"
    if level.term_frequency is not None and level.when is None:
        yield "the last level cannot have a term frequency"


def _repeated(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
