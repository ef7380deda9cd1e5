"""Birth dates in other spellings, as placeholders, mistyped, in the lunar calendar."""

from datetime import date, timedelta

import numpy as np
from borax.calendars.lunardate import LunarDate

from data_samples.simulator.defects.kinds import Dirty, Kind, table

NUMERALS = "〇一二三四五六七八九"
EXCEL_EPOCH = date(1899, 12, 30)
UNKNOWN = (("birth", 0),)


def read(text: str) -> date:
    """A clean cell of any of the contract's forms that hold a day."""
    digits = "".join(char for char in text if char.isdigit())[:8]
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))


def like(text: str, value: date) -> str:
    """A date in the form of the clean cell; its time stays."""
    return value.isoformat() + text[10:] if "-" in text else value.strftime("%Y%m%d") + text[8:]


def wrong(text: str, value: date, *, excuse: str = "") -> Dirty:
    """The cell with another date, and what it then says."""
    says: tuple[tuple[str, int | str | bool], ...] = (("birth", int(value.strftime("%Y%m%d"))),)
    return Dirty(like(text, value), says + ((("excuse", excuse), ("quiet", True)) if excuse else ()))


def tens(number: int) -> str:
    """1..31 in Chinese numerals."""
    ten, one = divmod(number, 10)
    return ("" if ten == 0 else ("十" if ten == 1 else NUMERALS[ten] + "十")) + (NUMERALS[one] if one else "")


def chinese(text: str, _rng: np.random.Generator) -> Dirty | None:
    """二〇一〇年三月五日"""
    value = read(text)
    return Dirty("".join(NUMERALS[int(digit)] for digit in str(value.year)) + f"年{tens(value.month)}月{tens(value.day)}日")


def slash(text: str, _rng: np.random.Generator) -> Dirty | None:
    """2010/3/5"""
    value = read(text)
    return Dirty(f"{value.year}/{value.month}/{value.day}")


def year_month(text: str, _rng: np.random.Generator) -> Dirty | None:
    """2010.03: the day is lost."""
    value = read(text)
    return Dirty(f"{value.year}.{value.month:02d}", UNKNOWN)


def swapped(text: str, _rng: np.random.Generator) -> Dirty | None:
    """Day and month changed places."""
    value = read(text)
    return wrong(text, date(value.year, value.day, value.month)) if value.day <= 12 and value.day != value.month else None


def lunar(text: str, _rng: np.random.Generator) -> Dirty | None:
    """The lunar date in the solar column; a lunar 30 February is not typed."""
    value = read(text)
    if value.year < 1921:
        return None
    moon = LunarDate.from_solar_date(value.year, value.month, value.day)
    try:
        return wrong(text, date(moon.year, moon.month, moon.day), excuse="lunar")
    except ValueError:
        return None


def mistyped(text: str, rng: np.random.Generator) -> Dirty | None:
    """One digit of the day."""
    value = read(text)
    other = value.day // 10 * 10 + (value.day + int(rng.integers(1, 9))) % 10
    try:
        return wrong(text, value.replace(day=other))
    except ValueError:
        return None


def another_day(text: str, rng: np.random.Generator) -> Dirty | None:
    """A year or more off, in other digits too: no typing error."""
    value = read(text)
    return wrong(text, value + timedelta(days=int(rng.integers(380, 1200))))


def placeholder(name: str, compact: str) -> Kind:
    """A date that says nothing."""
    return Kind(name, lambda text, _rng: Dirty(compact if "-" not in text else f"{compact[:4]}-{compact[4:6]}-{compact[6:]}", UNKNOWN), 0.4)


FORMS = table(
    Kind("form_slash", slash, 1.5),
    Kind("form_dot", year_month, 0.6),
    Kind("excel_serial", lambda text, _rng: Dirty(str((read(text) - EXCEL_EPOCH).days)), 0.8),
    Kind("chinese_numerals", chinese, 0.6),
    placeholder("date_zeros", "00000000"),
    placeholder("date_nines", "99991231"),
    placeholder("date_1900", "19000101"),
)
ERRORS = table(
    Kind("day_month_swap", swapped, 1.0),
    Kind("lunar", lunar, 1.5),
    Kind("january_first", lambda text, _rng: wrong(text, date(read(text).year, 1, 1)), 0.8),
    Kind("birth_typo", mistyped, 1.2),
    Kind("birth_other", another_day, 0.8),
)
EVENT_FORMS = table(Kind("form_slash", slash, 1.0), Kind("chinese_numerals", chinese, 0.3), FORMS["excel_serial"])


def other_sex(text: str, _rng: np.random.Generator) -> Dirty | None:
    """男 for 女, 女 for 男."""
    return Dirty("女" if text == "男" else "男", (("male", 0 if text == "男" else 1),))
