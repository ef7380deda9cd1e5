"""The planting notebook: who is used up, what was planted, which cells and meanings it overrides."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER, YEAR, BoolArray, month_index
from data_samples.simulator.observe import Patch, Value
from data_samples.simulator.places import CODES
from data_samples.simulator.registers import census
from data_samples.simulator.registers.held import Registers
from data_samples.simulator.world import World


@dataclass(frozen=True)
class Mention:
    """A record by source, base and role."""

    source: str
    base: int
    role: str


@dataclass(frozen=True)
class Innocent:
    """Something that a naive rule would raise, and why it is none."""

    code: str
    kind: str
    persons: tuple[int, ...]
    mentions: tuple[Mention, ...]
    note: str


@dataclass(frozen=True)
class CellText:
    """A cell's text in a record's versions that begin before ``until``."""

    source: str
    base: int
    column: str
    text: str | None
    until: int = NEVER


@dataclass
class Plan:
    """Collects the plants; picks people who are in nothing else."""

    world: World
    registers: Registers
    used: set[int] = field(default_factory=set)
    innocents: list[Innocent] = field(default_factory=list)
    planted: dict[str, set[str]] = field(default_factory=dict)
    texts: list[CellText] = field(default_factory=list)
    patches: dict[str, list[Patch]] = field(default_factory=dict)
    silent_moves: list[tuple[int, int, list[int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = self.world.rng("planted")
        self.count = min(3 + len(self.world.people) // 10_000, 30)
        self.extra: dict[str, list[dict[str, Any]]] = {source: [] for source in self.registers.frames}
        self.bulk: dict[str, list[pd.DataFrame]] = {source: [] for source in self.registers.frames}
        self.next_base = {source: int(rows["base"].max()) + 1 for source, rows in self.registers.frames.items()}
        self.removed: dict[str, set[int]] = {source: set() for source in self.extra}
        self.ordinary = self._ordinary()
        self.taken = set(self.world.number.tolist())

    @property
    def fix_nights(self) -> list[int]:
        """Nights on which a correction can arrive."""
        return self.world.nights[1:]

    def correction(self, share: float) -> int:
        """The night on which a correction arrives that lies at a share (0 to below 1) of the way from the second night to the last."""
        return self.fix_nights[int(share * len(self.fix_nights))]

    def _ordinary(self) -> BoolArray:
        world = self.world
        police = self.registers["police"]
        per_person = police.drop_duplicates("base").groupby("person").size()
        single = np.zeros(len(world.people), dtype=bool)
        single[per_person.index[per_person == 1]] = True
        single[police.loc[police["cancel_kind"] > 0, "person"]] = False
        numbers_seen, counts = np.unique(world.number, return_counts=True)
        own = counts[np.searchsorted(numbers_seen, world.number)] == 1
        here = world.present(world.last) & (world.registered < world.first - 200)
        return np.asarray(single & own & here & ~world.ghost & (world.people.twin == 0))

    def plain(self) -> BoolArray:
        """People with one ordinary live entry, alive and here, no twin, a number of their own."""
        return self.ordinary.copy()

    def age(self) -> np.ndarray:
        """Ages in years on the first night."""
        return np.asarray((self.world.first - self.world.people.birth) / YEAR)

    def pick(self, mask: BoolArray, wanted: int) -> list[int]:
        """Up to ``wanted`` unused people of the mask; they and their next of kin are used afterwards."""
        free = np.flatnonzero(mask)
        free = free[~np.isin(free, np.array(sorted(self.used), dtype=np.int64))]
        chosen: list[int] = sorted(self.rng.choice(free, min(wanted, len(free)), replace=False).tolist())
        self.used.update(chosen)
        return chosen

    def has(self, source: str, column: str = "person") -> BoolArray:
        """Who had a record in a source before anything was planted."""
        mask = np.zeros(len(self.world.people), dtype=bool)
        person = self.registers[source][column].to_numpy()
        mask[person[person >= 0]] = True
        return mask

    def bases(self, source: str, person: int, column: str = "person") -> list[int]:
        """Records of one person, in order; planted rows are kept apart, so that a plant never copies a million."""
        rows = self.registers[source]
        found = set(rows["base"].to_numpy()[rows[column].to_numpy() == person].tolist())
        found.update(int(str(facts["base"])) for facts in self.extra[source] if facts[column] == person)
        return sorted(found - self.removed[source])

    def entry(self, person: int) -> int:
        """The person's last police entry."""
        return self.bases("police", person)[-1]

    def row(self, source: str, base: int) -> dict[str, Any]:
        """Facts of a record's last version."""
        for facts in reversed(self.extra[source]):
            if facts["base"] == base:
                return dict(facts)
        rows = self.registers[source]
        position = int(np.flatnonzero(rows["base"].to_numpy() == base)[-1])
        return {name: rows[name].iat[position] for name in rows.columns}

    def erase(self, person: int, *sources: str) -> None:
        """Remove a person's own records."""
        for source in sources:
            self.removed[source].update(self.bases(source, person, "child" if source == "birth" else "person"))

    def change(self, source: str, base: int, **values: Any) -> None:
        """Facts of a record in all its versions."""
        rows = self.registers[source]
        drawn = rows.index[rows["base"].to_numpy() == base]
        for name, value in values.items():
            rows.loc[drawn, name] = value
        for facts in self.extra[source]:
            if facts["base"] == base:
                facts.update(values)

    def amend(self, source: str, base: int, night: int, **values: Any) -> None:
        """A correction that the extract of a night shows."""
        later = {**self.row(source, base), **values, "seen": night, "until": NEVER}
        rows = self.registers[source]
        rows.loc[rows.index[(rows["base"].to_numpy() == base) & (rows["until"].to_numpy() == NEVER)], "until"] = night
        for facts in self.extra[source]:
            if facts["base"] == base and facts["until"] == NEVER:
                facts["until"] = night
        self.extra[source].append(later)

    def amend_all(self, source: str, persons: list[int], night: int, **values: Any) -> None:
        """The same correction of the drawn records of many persons at once."""
        rows = self.registers[source]
        current = rows.index[rows["person"].isin(persons) & (rows["until"] == NEVER)]
        self.bulk[source].append(rows.loc[current].assign(**values, seen=night))
        rows.loc[current, "until"] = night

    def copy(self, source: str, base: int, seen: int | None = None, **values: Any) -> int:
        """A further record like another one, with other facts; returns its base."""
        return self.add(source, {**self.row(source, base), **values}, seen)

    def add(self, source: str, facts: dict[str, Any], seen: int | None = None) -> int:
        """A further record; returns its base."""
        made = self.next_base[source]
        self.next_base[source] += 1
        shown = facts["seen"] if seen is None else seen
        self.extra[source].append({**facts, "base": made, "seen": shown, "until": NEVER})
        return made

    def finish(self) -> None:
        """Put drawn and planted rows together, without the removed ones, in order of record and version."""
        for source, extra in self.extra.items():
            rows = self.registers[source]
            gone = np.array(sorted(self.removed[source]), dtype=np.int64)
            fresh = pd.DataFrame(extra, columns=rows.columns)
            whole = pd.concat([part for part in (rows, *self.bulk[source], fresh) if len(part)], ignore_index=True).astype(rows.dtypes.to_dict())
            whole = whole[~np.isin(whole["base"].to_numpy(), gone)]
            self.registers[source] = whole.sort_values(["base", "seen"], kind="stable", ignore_index=True)

    def new_number(self, person: int, salt: int = 250) -> int:
        """Another valid, unused number of a person, made elsewhere."""
        people = self.world.people
        at = np.array([person])
        code = np.array([int(CODES[(people.territory[person] + 1) % len(CODES)])])
        for skip in range(salt, salt + 200):
            body = int(numbers.issue(code, people.birth[at], people.male[at], self.world.seed, skip)[0])
            if body not in self.taken:
                self.taken.add(body)
                return body
        raise AssertionError("a division and day without a free number cannot occur at the sizes that are simulated")

    def excuse(self, source: str, base: int, role: str, why: str) -> None:
        """A number or date that is nobody's second identity."""
        self.patch(source, base, role, "excuse", why)

    def patch(self, source: str, base: int, role: str, meaning: str, value: Value, until: int = NEVER) -> None:
        """What a record says, where a planted cell changes it."""
        self.patches.setdefault(source, []).append(Patch(base, role, meaning, value, until))

    def innocent(self, code: str, kind: str, persons: list[int], mentions: list[Mention], note: str = "") -> None:
        """Remember an innocent explanation."""
        self.used.update(persons)
        self.innocents.append(Innocent(code, kind, tuple(persons), tuple(mentions), note))

    def anomaly(self, code: str, *persons: int) -> None:
        """Remember that this occurrence was planted."""
        self.used.update(persons)
        self.planted.setdefault(code, set()).update(f"T{person:07d}" for person in persons)

    def die(self, person: int, when: int) -> None:
        """Let a person have died on a day, with the pension stopped in time."""
        self.world.people.death[person] = when
        for account in self.bases("pension", person):
            self.change("pension", account, pay_to=when_month(when), verify_until=when)
        self.erase(person, "school")
        if when <= census.DAY:
            self.erase(person, "census")

    def certify(self, person: int, when: int, seen: int | None = None, **values: Any) -> int:
        """A death certificate."""
        people = self.world.people
        own = int(self.world.number_on(np.array([person]), when)[0])
        columns = {
            "person": person,
            "number": own,
            "birth": int(people.birth[person]),
            "male": bool(people.male[person]),
            "death": when,
            "issue": when + 1,
            "report": when + 2,
            "status": 0,
            "kin": int(self.world.families.spouse[person]),
            **values,
        }
        first = int(self.registers["death"]["base"].iloc[0])
        return self.copy("death", first, max(self.world.first, when + 3) if seen is None else seen, **columns)

    def cremate(self, person: int, when: int, **values: Any) -> int:
        """A cremation two days after death, without a certificate's number."""
        people = self.world.people
        own = int(self.world.number_on(np.array([person]), when)[0])
        columns = {
            "person": person,
            "number": own,
            "male": bool(people.male[person]),
            "death": when,
            "cremated": when + 2,
            "age": int((when - people.birth[person]) / YEAR),
            "territory": int(people.territory[person]),
            "kin": int(self.world.families.spouse[person]),
            "unidentified": 0,
            "cert": -1,
            **values,
        }
        first = int(self.registers["cremation"]["base"].iloc[0])
        return self.copy("cremation", first, max(self.world.first, when + 3), **columns)

    def cancel(self, person: int, when: int, kind: int, death: int = NEVER) -> None:
        """Close the police entry before the first night."""
        self.change("police", self.entry(person), cancel_date=when, cancel_kind=kind, death_date=death, updated=when)


def when_month(value: int) -> int:
    """Month index of a day."""
    return int(month_index(np.array([value]))[0])
