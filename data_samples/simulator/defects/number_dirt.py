"""Identity numbers as clerks, spreadsheets and old systems leave them."""

import numpy as np

from data_samples.simulator.defects.kinds import Dirty, Kind, table
from data_samples.simulator.numbers import CHECKS, WEIGHTS
from data_samples.simulator.observe import Value

MALFORMED: tuple[tuple[str, Value], ...] = (("malformed", True),)
NO_NUMBER: tuple[tuple[str, Value], ...] = (("number", 0),)


def has_right_check(text: str) -> bool:
    """18 characters whose last one fits the rest."""
    return text[:17].isdigit() and text[17] == CHECKS[sum(int(digit) * weight for digit, weight in zip(text, WEIGHTS, strict=False)) % 11]


def fifteen(text: str, _rng: np.random.Generator) -> Dirty | None:
    """The old form: no century, no check digit. Still the same number."""
    return Dirty(text[:6] + text[8:17]) if text[6:8] == "19" and int(text[6:10]) < 1999 else None


def wrong_digit(text: str, rng: np.random.Generator) -> Dirty | None:
    """One digit of the seventeen, anywhere but in the first two."""
    place, shift = int(rng.integers(2, 17)), int(rng.integers(1, 10))
    return Dirty(text[:place] + str((int(text[place]) + shift) % 10) + text[place + 1 :], MALFORMED)


def swapped(text: str, rng: np.random.Generator) -> Dirty | None:
    """Two neighbours of the seventeen."""
    places = [i for i in range(4, 16) if text[i] != text[i + 1]]
    place = places[int(rng.integers(0, len(places)))]
    return Dirty(text[:place] + text[place + 1] + text[place] + text[place + 2 :], MALFORMED)


def one_short(text: str, rng: np.random.Generator) -> Dirty | None:
    """One character dropped."""
    place = int(rng.integers(6, 18))
    return Dirty(text[:place] + text[place + 1 :], MALFORMED)


def last_three_zero(text: str, _rng: np.random.Generator) -> Dirty | None:
    """A spreadsheet keeps fifteen significant digits."""
    spoiled = text[:15] + "000"
    return None if has_right_check(spoiled) else Dirty(spoiled, MALFORMED)


def scientific(text: str, _rng: np.random.Generator) -> Dirty | None:
    """A spreadsheet shows a large number: 8.80105E+17."""
    return Dirty(f"{text[0]}.{text[1:6]}E+17", MALFORMED)


def replace_x(glyph: str) -> Kind:
    """The last character X in another guise; the number stays right."""
    names = {"x": "x_lower", "Ｘ": "x_fullwidth", "Х": "x_cyrillic"}
    return Kind(names[glyph], lambda text, _rng: Dirty(text[:17] + glyph) if text.endswith("X") else None, 0.7, "X$")


def constant(name: str, *texts: str) -> Kind:
    """A placeholder: no number at all."""
    return Kind(name, lambda _text, rng: Dirty(texts[int(rng.integers(0, len(texts)))], NO_NUMBER), 0.5)


KINDS = table(
    Kind("digits15", fifteen, 1.0, "^......19"),
    Kind("wrong_digit", wrong_digit, 2.5),
    Kind("swapped_digits", swapped, 1.2),
    Kind("chars17", one_short, 0.8),
    Kind("tail000", last_three_zero, 0.5),
    Kind("scientific", scientific, 0.3),
    Kind("apostrophe", lambda text, _rng: Dirty("'" + text), 0.7),
    replace_x("x"),
    replace_x("Ｘ"),
    replace_x("Х"),
    constant("placeholder_zeros", "0" * 18),
    constant("placeholder_nines", "9" * 18),
    constant("placeholder_text", "无", "不详"),
)
MISSING = Kind("missing_number", lambda _text, _rng: Dirty(None, NO_NUMBER))
