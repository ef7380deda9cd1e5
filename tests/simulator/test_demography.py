"""The made-up province looks like a province: a world of 20,000, drawn but not delivered."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER, YEAR, day, parts
from data_samples.simulator.name_lists import COMPOUND_SURNAMES
from data_samples.simulator.names import name_twins_apart, surname_table
from data_samples.simulator.run import DEFAULT_START
from data_samples.simulator.scenario import SCENARIOS
from data_samples.simulator.world import World, build_world

START = day(DEFAULT_START)


@pytest.fixture(scope="module", params=["2010", "2024"])
def world(request: pytest.FixtureRequest) -> World:
    return build_world(SCENARIOS[request.param], 20_000, 4, [START, START + 1])


def ages(world: World) -> np.ndarray:
    alive = world.people.death > START
    return (START - world.people.birth[alive]) / YEAR


def test_size_and_age_shares(world: World) -> None:
    age = ages(world)
    assert 0.98 < len(age) / 20_000 < 1.01
    expected = {"2010": (0.166, 0.089), "2024": (0.15, 0.17)}[world.scenario.name]
    assert abs((age < 15).mean() - expected[0]) < 0.02
    assert abs((age >= 65).mean() - expected[1]) < 0.02


def test_sex_ratio_at_birth_and_in_age(world: World) -> None:
    people = world.people
    young = (START - people.birth < 10 * YEAR) & (START - people.birth > 0)
    old = (START - people.birth > 80 * YEAR) & (people.death > START)
    ratio = people.male[young].mean() / (1 - people.male[young].mean())
    assert 1.02 < ratio < 1.28
    assert people.male[old].mean() < 0.5


def test_deaths_per_year(world: World) -> None:
    years = (START - day(DEFAULT_START.replace(year=2016, month=1, day=1))) / YEAR
    died = ((world.people.death < START) & ~world.ghost & (world.people.death > 16_800)).sum() / years
    low, high = {"2010": (4, 9), "2024": (6, 13)}[world.scenario.name]
    assert low < died / 20 < high


def test_mothers_and_fathers(world: World) -> None:
    people, kin = world.people, world.families
    known = kin.mother >= 0
    age = (people.birth[known] - people.birth[kin.mother[known]]) / YEAR
    assert age.min() > 15
    assert age.max() < 50
    assert 24 < age.mean() < 32.5
    assert (~people.male[kin.mother[known]]).all()
    assert people.male[kin.father[kin.father >= 0]].all()
    assert (kin.mother[START - people.birth < 10 * YEAR] >= 0).mean() > 0.99


def test_no_mother_bears_twice_in_200_days(world: World) -> None:
    people, mother = world.people, world.families.mother
    known = np.flatnonzero(mother >= 0)
    known = known[np.lexsort((people.birth[known], mother[known]))]
    gap = np.diff(people.birth[known])
    same = mother[known][1:] == mother[known][:-1]
    assert not ((gap > 1) & (gap < 200) & same).any()


def test_twins(world: World) -> None:
    twin = world.people.twin
    assert 0.008 < (twin > 0).mean() < 0.03
    lead = np.unique(twin[twin > 0]) - 1
    for other in (world.people.birth, world.families.mother):
        members = np.flatnonzero(twin > 0)
        assert (other[members] == other[twin[members] - 1]).all()
    assert len(lead) > 60


def test_marriages_are_lawful(world: World) -> None:
    people, rows = world.people, world.families.marriages
    assert ((rows["date"] - people.birth[rows["husband"]]) / YEAR).min() >= 22
    assert ((rows["date"] - people.birth[rows["wife"]]) / YEAR).min() >= 20
    assert (rows["date"] < people.death[rows["husband"]]).all()
    assert 0.25 < 2 * len(rows) / len(people) < 0.85


def test_household_size(world: World) -> None:
    alive = world.people.death == NEVER
    size = alive.sum() / len(np.unique(world.household[alive]))
    assert 2.0 < size < 3.5


def test_names(world: World) -> None:
    names = world.name.to_pylist()
    assert len(set(names)) > 8_000
    assert max(names.count(name) for name in ("张伟", "王芳", "李伟", "王伟")) >= 1
    given = pc.utf8_slice_codeunits(world.name, 1).unique()
    assert len(given) > 3_000
    length = np.array([len(name) for name in names])
    assert 0.05 < (length == 2).mean() < 0.30
    assert any("·" in name for name in names)


def test_surname_shares() -> None:
    names, weights = surname_table()
    order = np.sort(weights)[::-1]
    assert abs(order[:5].sum() - 0.308) < 0.01
    assert abs(order[:100].sum() - 0.861) < 0.01
    compound = weights[[names.index(name) for name in COMPOUND_SURNAMES]].sum()
    assert 0.0005 < compound < 0.003


def test_namesakes_and_births_fall_on_all_days(world: World) -> None:
    _, counts = np.unique(np.array(world.name.to_pylist()), return_counts=True)
    assert (counts > 3).any()
    _, month, dom = parts(world.people.birth)
    assert len(np.unique(month * 100 + dom)) >= 365


def test_numbers_are_unique_at_a_million_birthdays() -> None:
    rng = np.random.default_rng(1)
    birth = np.where(rng.random(300_000) < 0.005, 7305, rng.integers(0, 20_000, 300_000))
    body = numbers.issue(np.full(300_000, 880105), birth, rng.random(300_000) < 0.5, salt=1)
    assert len(np.unique(body)) == 300_000
    assert (body % 1000 > 0).all()


def test_twins_have_two_names() -> None:
    """The second of a birth who drew the first's name gets another given name; all others, and names without a surname, stay."""
    name = pa.array(["王伟", "王伟", "李娜", "李敏", "王伟", "达瓦", "达瓦"])
    surname = pa.array(["王", "王", "李", "李", "王", "达瓦", "达瓦"])
    lead = np.array([0, 0, 2, 2, 4, 5, 5])
    years, male = np.full(7, 1990), np.array([True, True, False, False, True, True, True])
    apart = name_twins_apart(np.random.default_rng(1), name, surname, years, male, lead).to_pylist()
    assert apart[1] != "王伟"
    assert apart[1].startswith("王")
    assert [apart[i] for i in (0, 2, 3, 4, 5, 6)] == ["王伟", "李娜", "李敏", "王伟", "达瓦", "达瓦"]
