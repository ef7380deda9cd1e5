"""Addresses and division codes from before the last reform, or typed in another fashion."""

import re

import numpy as np

from data_samples.simulator.defects.date_dirt import NUMERALS, tens
from data_samples.simulator.defects.kinds import Dirty, Kind, table
from data_samples.simulator.places import PROVINCE, TERRITORIES

OLD_NAMES = {land.name: tuple(name for _, name, _ in land.earlier) for land in TERRITORIES if land.earlier}
OLD_CODES = {str(land.code): tuple(str(code) for code, _, _ in land.earlier) for land in TERRITORIES if land.earlier}


def old_name(text: str, rng: np.random.Generator) -> Dirty | None:
    """The abolished county's name."""
    for name, earlier in OLD_NAMES.items():
        if name in text:
            return Dirty(text.replace(name, earlier[int(rng.integers(0, len(earlier)))], 1))
    return None


def old_code(text: str, rng: np.random.Generator) -> Dirty | None:
    """The abolished county's code."""
    earlier = OLD_CODES.get(text)
    return Dirty(earlier[int(rng.integers(0, len(earlier)))]) if earlier else None


def chinese_room(text: str, _rng: np.random.Generator) -> Dirty | None:
    """House, unit and room in Chinese numerals."""

    def spell(match: re.Match[str]) -> str:
        number = match.group(0)
        return tens(int(number)) if int(number) < 32 else "".join(NUMERALS[int(digit)] for digit in number)

    spoiled = re.sub(r"\d+", spell, text)
    return None if spoiled == text else Dirty(spoiled)


ADDRESSES = table(
    Kind("old_place_name", old_name, 1.5, "|".join(OLD_NAMES)),
    Kind("missing_province", lambda text, _rng: Dirty(text.removeprefix(PROVINCE)), 1.5, f"^{PROVINCE}"),
    Kind("chinese_room", chinese_room, 1.0),
)
CODES = table(Kind("old_place_code", old_code, 1.0, "|".join(OLD_CODES)))
