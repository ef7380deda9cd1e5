"""Who lives and who has died: sex, birth and death by the scenario's pyramid and life table, twins, places."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from data_samples.simulator import name_lists as lists
from data_samples.simulator.clock import NEVER, YEAR, BoolArray, IntArray, day, parts
from data_samples.simulator.places import AUTONOMOUS, TERRITORIES
from data_samples.simulator.scenario import MORTALITY_AGES, SEX_RATIO_AT_BIRTH, Scenario

TWIN_BIRTHS = 0.011
DEATHS_SINCE = date(2016, 1, 1)


@dataclass
class People:
    """One row per true person, in order of birth; ``death`` is NEVER for the living, ``twin`` 0 for singletons."""

    male: BoolArray
    birth: IntArray
    death: IntArray
    territory: IntArray
    ethnicity: IntArray
    twin: IntArray

    def __len__(self) -> int:
        return len(self.birth)


def mortality(scenario: Scenario, age: np.ndarray, male: BoolArray) -> np.ndarray:
    """Deaths per person and year at an age in years."""
    band = np.clip(np.searchsorted(MORTALITY_AGES, age, side="right") - 1, 0, len(MORTALITY_AGES) - 1)
    rates = np.where(male, np.array(scenario.mortality_male)[band], np.array(scenario.mortality_female)[band])
    return np.asarray(rates / 1000.0)


def survival_ratio(scenario: Scenario) -> np.ndarray:
    """Men alive per woman alive at each age 0..109, of as many born."""
    ages = np.arange(110.0)
    men = np.cumsum(mortality(scenario, ages, np.ones(110, dtype=bool)))
    women = np.cumsum(mortality(scenario, ages, np.zeros(110, dtype=bool)))
    return np.asarray(np.exp(np.r_[0.0, (women - men)[:-1]]))


def draw_living(rng: np.random.Generator, scenario: Scenario, persons: int, start: int) -> tuple[IntArray, BoolArray]:
    """Birth days and sex of the people alive on the first day."""
    groups = np.array(scenario.pyramid)
    counts = rng.multinomial(persons, groups / groups.sum())
    low = np.repeat(np.arange(len(groups)) * 5.0, counts)
    width = np.where(low >= 100, 4.0, 5.0)
    age = low + width * rng.random(persons) ** np.where(low >= 80, 1.35, 1.0)
    birth = (start - age * YEAR).astype(np.int64)
    years, ratios = zip(*SEX_RATIO_AT_BIRTH, strict=True)
    ratio = np.interp(parts(birth)[0], years, ratios) * survival_ratio(scenario)[np.clip(age.astype(int), 0, 109)]
    return birth, rng.random(persons) < ratio / (1 + ratio)


def draw_dead(
    rng: np.random.Generator, scenario: Scenario, living: tuple[IntArray, BoolArray], start: int, end: int
) -> tuple[IntArray, BoolArray, IntArray]:
    """Births, sex and deaths of those who died since the death sources began: the living's ages, weighted by mortality."""
    birth, male = living
    age = (start - birth) / YEAR
    rate = mortality(scenario, age, male)
    years = (end - day(DEATHS_SINCE)) / YEAR
    count = rng.poisson(rate.sum() * years * 0.9)
    template = rng.choice(len(birth), count, p=rate / rate.sum())
    death = rng.integers(day(DEATHS_SINCE), end + 1, count)
    spread = rng.uniform(-1.0, 1.0, count)
    lived = np.maximum(age[template] + spread, rng.beta(0.4, 3.0, count))
    return (death - lived * YEAR).astype(np.int64), male[template], death


def pair_twins(rng: np.random.Generator, birth: IntArray, male: BoolArray, death: IntArray, forced: IntArray) -> IntArray:
    """Twin group of each person (0 = none): neighbours in order of birth made to share a day; rarely three.

    ``forced`` are leads of pairs that there must be, of one sex.
    """
    twin = np.zeros(len(birth), dtype=np.int64)
    first = np.flatnonzero(rng.random(len(birth) - 3) < TWIN_BIRTHS / 2)
    first = np.union1d(first, forced)
    first = first[np.diff(np.r_[-4, first]) > 3]
    for offset, chosen in ((1, first), (2, first[rng.random(len(first)) < 0.012])):
        ok = chosen[(death[chosen + offset] > birth[chosen]) & (np.abs(birth[chosen + offset] - birth[chosen]) < 90)]
        birth[ok + offset] = birth[ok]
        alike = ok[(rng.random(len(ok)) < 0.64) | np.isin(ok, forced)]
        male[alike + offset] = male[alike]
        twin[ok] = ok + 1
        twin[ok + offset] = ok + 1
    return twin


def draw_people(rng: np.random.Generator, scenario: Scenario, persons: int, start: int, end: int) -> People:
    """Everybody whom a register of the years 2016 to ``end`` could speak of, sorted by birth."""
    living = draw_living(rng, scenario, persons, start)
    dead_birth, dead_male, death = draw_dead(rng, scenario, living, start, end)
    yearly = persons * scenario.pyramid[0] / 5 / sum(scenario.pyramid)
    newborn = rng.poisson(yearly * (end - start) / YEAR) + 2
    new_birth = rng.integers(start, end + 1, newborn)
    birth = np.r_[living[0], dead_birth, new_birth]
    male = np.r_[living[1], dead_male, rng.random(newborn) < 0.53]
    died = np.r_[np.full(persons, NEVER), death, np.full(newborn, NEVER)]
    order = np.argsort(birth, kind="stable")
    birth, male, died = birth[order], male[order], died[order]
    pupils = np.flatnonzero((start - birth > 7.5 * YEAR) & (start - birth < 14 * YEAR))
    twin = pair_twins(rng, birth, male, died, pupils[np.linspace(5, len(pupils) - 5, 4).astype(np.int64)])
    weights = np.array([land.weight for land in TERRITORIES])
    territory = rng.choice(len(TERRITORIES), len(birth), p=weights / weights.sum()).astype(np.int64)
    draw = rng.random(len(birth))
    ethnicity = np.select(
        [AUTONOMOUS[territory] & (draw < 0.40), AUTONOMOUS[territory] & (draw < 0.62), draw > 0.985, draw > 0.980],
        [lists.TIBETAN, lists.UYGHUR, lists.HUI, lists.UYGHUR],
        lists.HAN,
    ).astype(np.int64)
    follow = np.flatnonzero(twin > 0)
    territory[follow], ethnicity[follow] = territory[twin[follow] - 1], ethnicity[twin[follow] - 1]
    return People(male, birth, died, territory, ethnicity, twin)
