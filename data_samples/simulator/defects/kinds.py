"""What a kind of dirt is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from data_samples.simulator.observe import Value


@dataclass(frozen=True)
class Dirty:
    """A dirtied cell: its text (None = blank), and the fields of the observation that change with it."""

    text: str | None
    says: tuple[tuple[str, Value], ...] = ()


Spoil = Callable[[str, np.random.Generator], Dirty | None]


@dataclass(frozen=True)
class Kind:
    """One kind of dirt: how it spoils a clean text (None = does not apply), where it can apply, how often among its like."""

    name: str
    spoil: Spoil
    weight: float = 1.0
    pattern: str = "."


KindTable = Mapping[str, Kind]


def table(*kinds: Kind) -> dict[str, Kind]:
    """Kinds by name."""
    return {kind.name: kind for kind in kinds}
