"""Names: surnames down the father's line, given names in the fashion of their years, minority names.

Uyghur: own name · father's name. Tibetan: a given name only. Compound surnames, one-character names and rare
characters occur at their published shares; the common ones give namesakes by the dozen.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import name_lists as lists
from data_samples.simulator.clock import BoolArray, IntArray


def surname_table() -> tuple[list[str], np.ndarray]:
    """Surnames with shares that sum to 1: the curve through ``RANK_SHARES``, then the compound ones."""
    single = list(dict.fromkeys(lists.SURNAMES))
    ranks, shares = zip(*lists.RANK_SHARES, strict=True)
    cumulative = np.interp(np.log(np.arange(1, len(single) + 1)), np.log(ranks), shares)
    weights = np.maximum(np.diff(np.r_[0.0, cumulative]), 1e-5)
    compound = 1.0 / np.arange(1, len(lists.COMPOUND_SURNAMES) + 1)
    compound[0] *= 4
    names = single + list(lists.COMPOUND_SURNAMES)
    weights = np.r_[weights / weights.sum() * (1 - lists.COMPOUND_SHARE), compound / compound.sum() * lists.COMPOUND_SHARE]
    return names, weights / weights.sum()


def roots(parent: IntArray) -> IntArray:
    """First known ancestor of each person along ``parent`` (-1 = none), by pointer doubling."""
    pointer = np.where(parent < 0, np.arange(len(parent)), parent)
    while True:
        further = pointer[pointer]
        if np.array_equal(further, pointer):
            return pointer
        pointer = further


def surnames(rng: np.random.Generator, line: IntArray, ethnicity: IntArray) -> tuple[pa.Array, IntArray]:
    """Surname of each person by the ancestor's; ``line`` is the parent whose surname one bears."""
    names, weights = surname_table()
    drawn = rng.choice(len(names), len(line), p=weights)
    hui = ethnicity == lists.HUI
    hui_index = np.array([names.index(name) for name in lists.HUI_SURNAMES if name in names])
    drawn[hui] = hui_index[rng.integers(0, len(hui_index), int(hui.sum()))]
    index = drawn[roots(line)]
    return pa.array(names).take(pa.array(index)), index


def zipf(count: int) -> np.ndarray:
    """Falling weights: the tenth in fashion is borne a fifth as often as the first."""
    weights = 1.0 / (np.arange(count) + 3.0)
    return np.asarray(weights / weights.sum())


def given_names(rng: np.random.Generator, birth_year: IntArray, male: BoolArray) -> pa.Array:
    """Han given names of one or two characters."""
    count = len(birth_year)
    first, second = np.empty(count, dtype=object), np.empty(count, dtype=object)
    single = np.zeros(count, dtype=bool)
    era = np.clip(np.searchsorted(lists.ERAS, birth_year, side="right") - 1, 0, len(lists.ERAS) - 1)
    for index in range(len(lists.ERAS)):
        for is_male, table in ((True, lists.MALE_GIVEN), (False, lists.FEMALE_GIVEN)):
            rows = np.flatnonzero((era == index) & (male == is_male))
            chars = np.array(list(dict.fromkeys(table[index])), dtype=object)
            near = np.array(list(dict.fromkeys(table[max(index - 1, 0)] + table[index])), dtype=object)
            first[rows] = rng.choice(chars, len(rows), p=zipf(len(chars)))
            second[rows] = near[rng.integers(0, len(near), len(rows))]
            fashionable = rows[rng.random(len(rows)) < 0.6]
            second[fashionable] = rng.choice(chars, len(fashionable), p=zipf(len(chars)))
            single[rows] = rng.random(len(rows)) < lists.SINGLE_SHARE[index]
    rare = np.flatnonzero(rng.random(count) < max(0.004, 60 / count))
    second[rare] = np.array(list(lists.RARE_GIVEN), dtype=object)[rng.integers(0, len(lists.RARE_GIVEN), len(rare))]
    single[rare] = False
    second[single] = ""
    return pc.binary_join_element_wise(pa.array(first, pa.string()), pa.array(second, pa.string()), "")


def uyghur(rng: np.random.Generator, male: BoolArray) -> tuple[pa.Array, pa.Array]:
    """Own name, and a father's name for those whose father is unknown."""
    count = len(male)
    own_male = np.array(lists.UYGHUR_MALE, dtype=object)[rng.integers(0, len(lists.UYGHUR_MALE), count)]
    own_female = np.array(lists.UYGHUR_FEMALE, dtype=object)[rng.integers(0, len(lists.UYGHUR_FEMALE), count)]
    father = np.array(lists.UYGHUR_MALE, dtype=object)[rng.integers(0, len(lists.UYGHUR_MALE), count)]
    return pa.array(np.where(male, own_male, own_female), pa.string()), pa.array(father, pa.string())


def tibetan(rng: np.random.Generator, male: BoolArray) -> pa.Array:
    """Two given parts, no surname; one in ten has one part only."""
    count = len(male)
    first = np.array(lists.TIBETAN_FIRST, dtype=object)[rng.integers(0, len(lists.TIBETAN_FIRST), count)]
    men = np.array(lists.TIBETAN_MALE, dtype=object)[rng.integers(0, len(lists.TIBETAN_MALE), count)]
    women = np.array(lists.TIBETAN_FEMALE, dtype=object)[rng.integers(0, len(lists.TIBETAN_FEMALE), count)]
    last = np.where(rng.random(count) < 0.1, "", np.where(male, men, women))
    return pc.binary_join_element_wise(pa.array(first, pa.string()), pa.array(last, pa.string()), "")


def full_names(rng: np.random.Generator, birth_year: IntArray, male: BoolArray, line: IntArray, ethnicity: IntArray) -> tuple[pa.Array, pa.Array]:
    """Name of each person, and the surname alone (the first part for names without one)."""
    family, _ = surnames(rng, line, ethnicity)
    given = given_names(rng, birth_year, male)
    han = pc.binary_join_element_wise(family, given, "")
    own, father_drawn = uyghur(rng, male)
    known = line >= 0
    inherited = own.take(pa.array(np.where(known, line, 0)))
    usable = known & (ethnicity[np.where(known, line, 0)] == lists.UYGHUR) & male[np.where(known, line, 0)]
    father = pc.if_else(pa.array(usable), inherited, father_drawn)
    turkic = pc.binary_join_element_wise(own, father, "·")
    name = pc.if_else(pa.array(ethnicity == lists.UYGHUR), turkic, han)
    name = pc.if_else(pa.array(ethnicity == lists.TIBETAN), tibetan(rng, male), name)
    surname = pc.if_else(pa.array(ethnicity >= lists.TIBETAN), name, family)
    return name, surname


def name_twins_apart(rng: np.random.Generator, name: pa.Array, surname: pa.Array, birth_year: IntArray, male: BoolArray, lead: IntArray) -> pa.Array:
    """Nobody calls two twins the same: who drew the name of the first of its birth (``lead``; oneself for all others) draws another given name.

    Names that don't begin with a surname stay.
    """
    later = lead != np.arange(len(lead))
    while True:
        same = later & np.asarray(pc.and_(pc.equal(name, name.take(pa.array(lead))), pc.not_equal(name, surname)))
        if not same.any():
            return name
        rows = np.flatnonzero(same)
        given = given_names(rng, birth_year[rows], male[rows])
        name = pc.replace_with_mask(name, pa.array(same), pc.binary_join_element_wise(surname.take(pa.array(rows)), given, ""))
