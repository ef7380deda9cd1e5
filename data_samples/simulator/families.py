"""Couples, marriages and divorces, mothers and fathers."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data_samples.simulator.clock import NEVER, YEAR, BoolArray, IntArray
from data_samples.simulator.population import People
from data_samples.simulator.scenario import FERTILE_AGES, Scenario

EVER_MARRIED = ((15, 0.0), (20, 0.02), (24, 0.35), (28, 0.75), (33, 0.93), (40, 0.96), (60, 0.97))
DIVORCED, REMARRIED = 0.10, 0.35
MIN_SPACING, MAX_CHILDREN, ROUNDS = 300, 5, 24


@dataclass
class Families:
    """Kin by position in ``People``: -1 = not known. ``marriages``: husband, wife, date, ended (day or NEVER), order."""

    mother: IntArray
    father: IntArray
    spouse: IntArray
    marriages: pd.DataFrame
    parity: IntArray


def match_couples(rng: np.random.Generator, people: People, end: int) -> tuple[IntArray, IntArray]:
    """Husbands and wives of one territory and like age: both sides ranked by age and paired in order."""
    ages, shares = zip(*EVER_MARRIED, strict=True)
    until = np.minimum(people.death, end)
    chance = np.interp((until - people.birth) / YEAR - np.where(people.male, 2.0, 0.0), ages, shares)
    willing = rng.random(len(people)) < chance
    rank = people.birth + rng.normal(0, 1.6 * YEAR, len(people)) + np.where(people.male, 2.2 * YEAR, 0.0)
    husbands, wives = [], []
    for territory in range(int(people.territory.max()) + 1):
        here = np.flatnonzero(willing & (people.territory == territory))
        here = here[np.argsort(rank[here], kind="stable")]
        men, women = here[people.male[here]], here[~people.male[here]]
        size = min(len(men), len(women))
        husbands.append(np.sort(rng.choice(len(men), size, replace=False)))
        wives.append(np.sort(rng.choice(len(women), size, replace=False)))
        husbands[-1], wives[-1] = men[husbands[-1]], women[wives[-1]]
    return np.concatenate(husbands), np.concatenate(wives)


def marry(rng: np.random.Generator, scenario: Scenario, people: People, end: int) -> pd.DataFrame:
    """First marriages that were possible: of age, both alive, before the end."""
    husband, wife = match_couples(rng, people, end)
    age = np.clip(rng.normal(scenario.mean_marriage_age, 2.6, len(wife)), 20.05, 45)
    date = np.maximum(people.birth[wife] + age * YEAR, people.birth[husband] + (22.05 + rng.exponential(0.8, len(wife))) * YEAR)
    date = date.astype(np.int64)
    ok = (date < np.minimum(people.death[husband], people.death[wife])) & (date <= end)
    ok &= np.abs(people.birth[husband] - people.birth[wife]) < 16 * YEAR
    frame = pd.DataFrame({"husband": husband[ok], "wife": wife[ok], "date": date[ok]})
    split = frame["date"] + 400 + rng.exponential(8 * YEAR, len(frame)).astype(np.int64)
    alive = np.minimum(people.death[frame["husband"]], people.death[frame["wife"]])
    divorced = (rng.random(len(frame)) < DIVORCED) & (split <= end) & (split < alive)
    frame["ended"] = np.where(divorced, split, NEVER)
    frame["order"] = 1
    return frame


def remarry(rng: np.random.Generator, people: People, first: pd.DataFrame, end: int) -> pd.DataFrame:
    """Second marriages among the divorced of one territory, never with the former spouse."""
    divorced = first[first["ended"] < NEVER]
    free = divorced[rng.random(len(divorced)) < REMARRIED]
    land = people.territory[free["husband"]]
    order = np.lexsort((people.birth[free["husband"]], land))
    men, women, land = free.iloc[order], free.iloc[np.roll(order, 1)], land[order]
    date = np.maximum(men["ended"].to_numpy(), women["ended"].to_numpy()) + rng.integers(60, 1500, len(men))
    husband, wife = men["husband"].to_numpy(), women["wife"].to_numpy()
    ok = (people.territory[wife] == land) & (men["wife"].to_numpy() != wife) & (date <= end)
    ok &= date < np.minimum(people.death[husband], people.death[wife])
    ok &= np.abs(people.birth[husband] - people.birth[wife]) < 15 * YEAR
    return pd.DataFrame({"husband": husband[ok], "wife": wife[ok], "date": date[ok], "ended": NEVER, "order": 2})


def propose_mothers(rng: np.random.Generator, scenario: Scenario, people: People, wives: IntArray, children: IntArray) -> IntArray:
    """A woman of the child's territory whose age at the birth follows the fertility schedule; -1 if there is none."""
    weights = np.array(scenario.fertility)
    band = rng.choice(len(weights), len(children), p=weights / weights.sum())
    age = np.array(FERTILE_AGES)[band] + rng.random(len(children)) * 5
    scale = 10**6
    key = people.territory[wives] * scale + people.birth[wives] + 200_000
    wanted = people.territory[children] * scale + people.birth[children] - (age * YEAR).astype(np.int64) + 200_000
    spot = np.searchsorted(key, wanted) + rng.integers(-4, 5, len(children))
    found = wives[np.clip(spot, 0, len(wives) - 1)]
    years = (people.birth[children] - people.birth[found]) / YEAR
    good = (people.territory[found] == people.territory[children]) & (years > 18) & (years < 47)
    return np.where(good & (people.death[found] > people.birth[children]), found, -1)


def crowded(people: People, mother: IntArray) -> BoolArray:
    """Children whose mother bore another less than 300 days before, or five already; twins are one birth."""
    unit = people.twin - 1
    known = np.flatnonzero((mother >= 0) & ((people.twin == 0) | (unit == np.arange(len(people)))))
    known = known[np.lexsort((people.birth[known], mother[known]))]
    same = np.r_[False, mother[known][1:] == mother[known][:-1]]
    close = same & (np.diff(people.birth[known], prepend=-NEVER) < MIN_SPACING)
    order = np.arange(len(known)) - np.maximum.accumulate(np.where(same, 0, np.arange(len(known))))
    bad = np.zeros(len(people), dtype=bool)
    bad[known[close | (order >= MAX_CHILDREN)]] = True
    return bad


def assign_mothers(rng: np.random.Generator, scenario: Scenario, people: People, marriages: pd.DataFrame) -> tuple[IntArray, IntArray]:
    """Mother and father of each person; married couples first, then any woman for the children of today."""
    first = marriages[marriages["order"] == 1].set_index("wife")
    count = len(people)
    wed, husband, ended = np.full(count, NEVER), np.full(count, -1), np.full(count, NEVER)
    wed[first.index], husband[first.index], ended[first.index] = first["date"], first["husband"], first["ended"]
    women = np.flatnonzero(~people.male)
    women = women[np.lexsort((people.birth[women], people.territory[women]))]
    wives = women[wed[women] < NEVER]
    lead = (people.twin == 0) | (people.twin - 1 == np.arange(count))
    mother = np.full(count, -1)
    for step in range(ROUNDS):
        waiting = np.flatnonzero((mother < 0) & lead)
        if step >= ROUNDS - 6:
            waiting = waiting[people.birth[waiting] > people.birth.max() - 13 * YEAR]
        pool = wives if step < ROUNDS - 6 else women
        found = propose_mothers(rng, scenario, people, pool, waiting)
        safe = np.where(found < 0, 0, found)
        fits = (wed[safe] - 60 < people.birth[waiting]) & (ended[safe] > people.birth[waiting])
        partner = husband[safe]
        fits &= (partner >= 0) & (people.death[partner] > people.birth[waiting] - 200)
        if step >= ROUNDS - 6:
            fits |= found >= 0
        mother[waiting] = np.where(fits, found, -1)
        mother[crowded(people, mother)] = -1
    twins = people.twin > 0
    mother[twins] = mother[people.twin[twins] - 1]
    safe = np.where(mother < 0, 0, mother)
    fathered = (mother >= 0) & (wed[safe] - 60 < people.birth) & (ended[safe] > people.birth) & (people.death[husband[safe]] > people.birth - 200)
    return mother, np.where(fathered, husband[safe], -1)


def parities(people: People, mother: IntArray) -> IntArray:
    """Order of birth among the mother's children; twins share one; 1 when the mother is unknown."""
    frame = pd.DataFrame({"mother": mother, "birth": people.birth})
    rank = frame.groupby("mother")["birth"].rank(method="dense").astype(np.int64).to_numpy()
    return np.where(mother < 0, 1, rank)


def draw_families(rng: np.random.Generator, scenario: Scenario, people: People, end: int) -> Families:
    """Marriages and kin; children take the father's (else the mother's) ethnicity and territory."""
    first = marry(rng, scenario, people, end)
    marriages = pd.concat([first, remarry(rng, people, first, end)], ignore_index=True)
    mother, father = assign_mothers(rng, scenario, people, marriages)
    parent = np.where(father >= 0, father, mother)
    for _ in range(6):
        known = parent >= 0
        people.ethnicity[known] = people.ethnicity[parent[known]]
    spouse = np.full(len(people), -1)
    for row in (marriages[marriages["ended"] < NEVER], marriages[marriages["ended"] == NEVER]):
        spouse[row["husband"]], spouse[row["wife"]] = row["wife"], row["husband"]
    return Families(mother, father, spouse, marriages.sort_values(["date", "husband"], ignore_index=True), parities(people, mother))
