"""What each record says about each person, as integers, after the dirt: the material of the truth.

An observation row: source, base, role, person (-1 nobody), seen, until, key, number (17 digits; 0 = blank, placeholder
or unreadable), malformed, birth (YYYYMMDD; 0 = unknown or partial), quiet (the birth date says nothing: lunar,
1 January), male (-1 unknown), excuse (why a number or date here is nobody's mistake; '' otherwise).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from data_samples.simulator.clock import NEVER, compact
from data_samples.simulator.registers.held import record_keys


@dataclass(frozen=True)
class Role:
    """Which columns of a register's frame speak of one person: None where it says nothing."""

    name: str
    person: str
    number: str | None
    birth: str | None
    male: str | bool | None


ROLES: dict[str, tuple[Role, ...]] = {
    "police": (Role("self", "person", "number", "birth", "male"),),
    "birth": (
        Role("child", "child", None, "birth", "male"),
        Role("mother", "mother", "mother_number", None, male=False),
        Role("father", "father", "father_number", None, male=True),
    ),
    "death": (Role("deceased", "person", "number", "birth", "male"),),
    "cremation": (Role("deceased", "person", "number", None, "male"),),
    "marriage": (
        Role("husband", "husband", "husband_number", "husband_birth", male=True),
        Role("wife", "wife", "wife_number", "wife_birth", male=False),
    ),
    "school": (Role("pupil", "person", "number", "birth", "male"),),
    "pension": (Role("beneficiary", "person", "number", "birth", "male"),),
    "electricity": (Role("holder", "person", "number", None, None),),
    "census": (Role("self", "person", "number", None, "male"),),
}


Value = int | str | bool


@dataclass(frozen=True)
class Patch:
    """How dirt changed what a record says: a field of the observation gets a value (or an excuse)."""

    base: int
    role: str
    field: str
    value: Value
    until: int = NEVER


def observe(source: str, rows: pd.DataFrame, patches: Iterable[Patch]) -> pd.DataFrame:
    """Observations of one register, dirt included; one per version and role; person -1 = nobody known."""
    keys = text_column(record_keys(source, rows))
    found = []
    for role in ROLES[source]:
        count = len(rows)
        male = rows[role.male].to_numpy(np.int64) if isinstance(role.male, str) else np.full(count, -1 if role.male is None else int(role.male))
        made = pd.DataFrame(
            {
                "source": source,
                "base": rows["base"],
                "role": role.name,
                "person": rows[role.person],
                "seen": rows["seen"],
                "until": rows["until"],
                "key": keys,
                "number": rows[role.number] if role.number else 0,
                "malformed": False,
                "birth": compact(rows[role.birth].to_numpy()) if role.birth else 0,
                "quiet": False,
                "male": male,
                "excuse": "",
            }
        )
        if role.birth:
            made.loc[rows[role.birth].to_numpy() >= NEVER, "birth"] = 0
        found.append(apply(made, [patch for patch in patches if patch.role == role.name]))
    return pd.concat(found, ignore_index=True)


def text_column(values: pa.Array) -> pd.Series:
    """Text that stays in Arrow's memory: a million Python strings would weigh ten times as much."""
    return pd.Series(values, dtype=pd.ArrowDtype(pa.string()))


def apply(made: pd.DataFrame, patches: list[Patch]) -> pd.DataFrame:
    """Write the patches over every version of their record."""
    if not patches:
        return made
    frame = pd.DataFrame([vars(patch) for patch in patches]).drop_duplicates(["base", "field"], keep="last")
    for field, group in frame.groupby("field"):
        values = dict(zip(group["base"], zip(group["value"], group["until"], strict=True), strict=True))
        rows = np.flatnonzero(made["base"].isin(values.keys()).to_numpy())
        seen = made["seen"].to_numpy()[rows]
        pairs = [values[base] for base in made["base"].to_numpy()[rows]]
        hit = [position for position, start, (_, until) in zip(rows, seen, pairs, strict=True) if start < until]
        made.loc[hit, field] = [value for start, (value, until) in zip(seen, pairs, strict=True) if start < until]
    return made
