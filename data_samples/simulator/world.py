"""The true province: people, kin, households, names, numbers. Registers are drawn from it; it is never delivered."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import names, numbers
from data_samples.simulator.clock import NEVER, YEAR, BoolArray, IntArray, day, parts
from data_samples.simulator.families import Families, draw_families
from data_samples.simulator.places import TERRITORIES, code_at, county_names, street_part
from data_samples.simulator.population import People, draw_people
from data_samples.simulator.scenario import Mixture, Scenario

REGISTER_BEGAN = date(1985, 1, 1)
MOTHERS_SURNAME = 0.06


@dataclass
class World:
    """Truth by person position. ``number`` 0 = never numbered; ``registered`` = day of the first police entry."""

    scenario: Scenario
    seed: int
    nights: list[int]
    people: People
    families: Families
    name: pa.Array
    surname: pa.Array
    number: IntArray
    registered: IntArray
    household: IntArray
    head: IntArray
    urban: BoolArray
    street: pa.Array
    half: IntArray
    ghost: BoolArray
    origin: IntArray
    moved: IntArray
    left: IntArray
    rename: dict[int, int] = field(default_factory=dict)

    def apply_renames(self) -> None:
        """Give each key of ``rename`` the name of its value."""
        people = np.array(sorted(self.rename), dtype=np.int64)
        mask = np.zeros(len(self.people), dtype=bool)
        mask[people] = True
        models = self.name.take(pa.array([self.rename[int(person)] for person in people], pa.int64()))
        self.name = pc.replace_with_mask(self.name, pa.array(mask), models)

    @property
    def first(self) -> int:
        """The first night."""
        return self.nights[0]

    @property
    def last(self) -> int:
        """The last night."""
        return self.nights[-1]

    def rng(self, purpose: str) -> np.random.Generator:
        """A random stream of its own for each purpose, so that parts don't disturb each other."""
        return stream(self.seed, purpose)

    def number_on(self, person: IntArray, when: IntArray | int) -> IntArray:
        """The number that a register could know on a day; 0 before the first police entry or for nobody (-1)."""
        safe = np.where(person < 0, 0, person)
        return np.where((person >= 0) & (self.registered[safe] <= when), self.number[safe], 0)

    def names_of(self, person: IntArray) -> pa.Array:
        """Names by position; null for nobody (-1)."""
        return self.name.take(pa.array(person, mask=np.asarray(person) < 0))

    def present(self, when: int) -> BoolArray:
        """Alive and in the province on a day."""
        return (self.people.birth <= when) & (self.people.death > when) & (self.left > when)

    def address(self, person: IntArray, *, province: bool = True) -> pa.Array:
        """Full address text of each person's household."""
        tail = self.street.take(pa.array(self.household[person]))
        head = county_names(self.people.territory[person], province=province)
        return pc.binary_join_element_wise(head, tail, "")


def stream(seed: int, purpose: str) -> np.random.Generator:
    """A generator that depends on the seed and the purpose's name only."""
    return np.random.default_rng([seed, *purpose.encode()])


def draw_delay(rng: np.random.Generator, mixture: Mixture, count: int) -> IntArray:
    """Whole days of delay."""
    part = rng.choice(len(mixture.shares), count, p=np.array(mixture.shares) / sum(mixture.shares))
    first, second = (np.array(column)[part] for column in zip(*mixture.parts, strict=True))
    days = rng.uniform(first, second) if mixture.uniform else first * np.exp(rng.normal(0, 1, count) * second)
    return np.asarray(days, dtype=np.int64)


def households(rng: np.random.Generator, people: People, families: Families, end: int) -> tuple[IntArray, IntArray]:
    """Household number and head of each person: couples, their unmarried young, some old parents with a child."""
    count = len(people)
    me = np.arange(count)
    age = (np.minimum(people.death, end) - people.birth) / YEAR
    spouse = families.spouse
    head = np.where(spouse >= 0, np.where(people.male, me, spouse), me)
    parent = np.where(families.father >= 0, families.father, families.mother)
    young = (spouse < 0) & (parent >= 0) & (age < 27)
    eldest = np.full(count, -1)
    kids = np.flatnonzero((families.mother >= 0) & people.male & (spouse >= 0) & (age > 30))[::-1]
    eldest[families.mother[kids]] = kids
    eldest[families.father[kids][families.father[kids] >= 0]] = kids[families.father[kids] >= 0]
    aged = (age > 70) & (eldest >= 0) & (rng.random(count) < 0.35)
    aged &= (spouse < 0) | aged[np.where(spouse < 0, 0, spouse)]
    anchor = head.copy()
    anchor[young] = head[parent[young]]
    anchor[aged] = head[eldest[aged]]
    for _ in range(4):
        anchor = np.where(anchor == me, me, anchor[anchor])
    heads, number = np.unique(anchor, return_inverse=True)
    return number.astype(np.int64), heads[number]


def registration(rng: np.random.Generator, scenario: Scenario, people: People) -> IntArray:
    """First day on the police register; NEVER for children who died before it."""
    began = day(REGISTER_BEGAN)
    delay = draw_delay(rng, scenario.birth_delay, len(people))
    twins = people.twin > 0
    delay[twins] = delay[people.twin[twins] - 1]
    day_of = np.where(people.birth < began, began + rng.integers(0, 500, len(people)), people.birth + 1 + delay)
    return np.where(day_of >= people.death, NEVER, day_of)


def build_world(scenario: Scenario, persons: int, seed: int, nights: list[int]) -> World:
    """The whole truth, in vectors; a million people take well under a minute."""
    start, end = nights[0], nights[-1]
    people = draw_people(stream(seed, "people"), scenario, persons, start, end)
    families = draw_families(stream(seed, "families"), scenario, people, end)
    rng = stream(seed, "world")
    ghost = add_ghosts(rng, scenario, people, families)
    line = np.where((families.father >= 0) & (rng.random(len(people)) >= MOTHERS_SURNAME), families.father, families.mother)
    line = np.where(people.twin > 0, line[np.maximum(people.twin - 1, 0)], line)
    name, surname = names.full_names(stream(seed, "names"), parts(people.birth)[0], people.male, line, people.ethnicity)
    lead = np.where(people.twin > 0, people.twin - 1, np.arange(len(people)))
    name = names.name_twins_apart(stream(seed, "twins"), name, surname, parts(people.birth)[0], people.male, lead)
    registered = registration(rng, scenario, people)
    registered[ghost] = day(REGISTER_BEGAN) + 30
    half = rng.integers(0, 2, len(people))
    origin, moved, left = draw_moves(stream(seed, "moves"), people, families, registered, (start, end))
    left[ghost], moved[ghost] = NEVER, NEVER
    division = code_at(origin, registered, half)
    number = numbers.issue(division, people.birth, people.male, salt=seed)
    number[registered >= NEVER] = 0
    share_numbers(rng, scenario, people, number)
    household, head = households(rng, people, families, end)
    size = int(household.max()) + 1
    share = np.array([land.urban for land in TERRITORIES])
    urban = rng.random(size) < share[people.territory[head[np.unique(household, return_index=True)[1]]]]
    return World(
        scenario,
        seed,
        nights,
        people,
        families,
        name,
        surname,
        number,
        registered,
        household,
        head,
        urban[household],
        street_part(stream(seed, "streets"), urban),
        half[head],
        ghost,
        origin,
        moved,
        left,
    )


def add_ghosts(rng: np.random.Generator, scenario: Scenario, people: People, families: Families) -> BoolArray:
    """People of great age whom no source knows to be dead: they died before the death sources began, still registered.

    Made of the oldest persons by giving some of them an earlier life; truth keeps their death.
    """
    count = len(people)
    wanted = int(scenario.ghosts * count) + 6
    free = np.flatnonzero((people.death == NEVER) & (families.spouse < 0) & (families.mother < 0) & (people.twin == 0))
    parents = np.r_[families.mother, families.father]
    free = free[~np.isin(free, parents)]
    free = free[people.birth[free] < day(date(1972, 1, 1))]
    chosen = rng.choice(free, min(wanted, len(free)), replace=False)
    people.birth[chosen] = rng.integers(day(date(1917, 1, 1)), day(date(1944, 12, 31)), len(chosen))
    people.birth[chosen[: max(3, len(chosen) // 5)]] -= int(10 * YEAR)
    people.death[chosen] = rng.integers(day(date(1996, 1, 1)), day(date(2014, 12, 31)), len(chosen))
    ghost = np.zeros(count, dtype=bool)
    ghost[chosen] = True
    return ghost


def draw_moves(
    rng: np.random.Generator, people: People, families: Families, registered: IntArray, span: tuple[int, int]
) -> tuple[IntArray, IntArray, IntArray]:
    """First territory, day of the last move inside the province, day of leaving it, within six years."""
    start, end = span
    count = len(people)
    day_of = rng.integers(start - 2150, end + 1, count)
    able = (people.death == NEVER) & (day_of - people.birth > 16 * YEAR) & (registered < day_of - 60)
    draw = rng.random(count)
    elsewhere = (people.territory + rng.integers(1, len(TERRITORIES), count)) % len(TERRITORIES)
    moves = able & (draw < 0.05)
    leaves = able & (draw > 0.988) & (families.spouse < 0)
    return np.where(moves, elsewhere, people.territory), np.where(moves, day_of, NEVER), np.where(leaves, day_of, NEVER)


def share_numbers(rng: np.random.Generator, scenario: Scenario, people: People, number: IntArray) -> None:
    """Numbering by hand, until 1999, gave one number to two people of one day, sex and place (in place)."""
    group = number // 1000 * 2 + people.male
    order = np.lexsort((np.arange(len(people)), group))
    twice = order[1:][(group[order][1:] == group[order][:-1]) & (number[order][1:] > 0)]
    other = dict(zip(order[1:].tolist(), order[:-1].tolist(), strict=True))
    plain = twice[(people.twin[twice] == 0) & (people.birth[twice] < day(date(1999, 10, 1)))]
    wanted = min(len(plain), int(scenario.shared_numbers * len(people) / 2))
    for person in np.sort(rng.choice(plain, wanted, replace=False)) if wanted else ():
        number[person] = number[other[int(person)]]
