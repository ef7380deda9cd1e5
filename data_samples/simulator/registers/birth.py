"""Birth certificates (出生医学证明): a row speaks of child, mother and father."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import day, digits, text_compact, text_iso
from data_samples.simulator.places import TERRITORIES
from data_samples.simulator.population import DEATHS_SINCE
from data_samples.simulator.registers.frames import frame, words
from data_samples.simulator.world import World

LAG = 7
FULL, TEMPORARY, NAMELESS = range(3)
KINDS = ("首次", "换发", "补发")


def draw(world: World) -> pd.DataFrame:
    """First certificates of everybody born in a hospital since 2016, then the re-issued ones."""
    people, rng, rates = world.people, world.rng("birth"), world.scenario
    born = np.flatnonzero((people.birth >= day(DEATHS_SINCE)) & (people.birth < world.last))
    born = born[rng.random(len(born)) >= rates.home_births]
    mother, father = world.families.mother[born], world.families.father[born]
    issue = people.birth[born] + rng.integers(0, 5, len(born))
    seen = issue + rng.integers(1, 3, len(born))
    temporary = rng.choice(3, len(born), p=[1 - rates.newborn_temporary - 0.02, rates.newborn_temporary, 0.02])
    twin = people.twin[born]
    order = np.zeros(len(born), dtype=np.int64)
    for rank in (1, 2, 3):
        order[(twin > 0) & (born - (twin - 1) == rank - 1)] = rank
    columns = {
        "child": born,
        "mother": mother,
        "father": father,
        "birth": people.birth[born],
        "minute": rng.integers(0, 1440, len(born)),
        "male": people.male[born],
        "parity": world.families.parity[born],
        "order": order,
        "kind": 0,
        "orig": -1,
        "issue": issue,
        "named": temporary,
        "mother_number": world.number_on(mother, issue),
        "father_number": world.number_on(father, issue),
        "mother_paper": 0,
        "territory": people.territory[born],
    }
    first = frame(columns, np.maximum(seen, world.first))
    first = first[seen <= world.last].reset_index(drop=True)
    first["base"] = np.arange(len(first))
    return reissue(world, first, rng)


def reissue(world: World, first: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """A lost or wrong certificate is replaced months later, now with the child's full name."""
    again = first[rng.random(len(first)) < 0.015].copy()
    again["orig"] = again["base"]
    again["kind"] = rng.integers(1, 3, len(again))
    again["issue"] = again["issue"] + rng.integers(40, 1200, len(again))
    again["named"] = FULL
    again = again[again["issue"] + 2 <= world.last]
    again["seen"] = np.maximum(again["issue"] + 2, world.first)
    again["base"] = len(first) + np.arange(len(again))
    return pd.concat([first, again], ignore_index=True)


def keys(rows: pd.DataFrame) -> pa.Array:
    """Letter and nine digits, by base; certificates of one year share a letter."""
    base = rows["base"].to_numpy()
    year = (rows["issue"].to_numpy() - 16801) // 365
    letters = pa.array([chr(ord("A") + i % 26) for i in range(40)]).take(pa.array(np.clip(year + 10, 0, 39)))
    return pc.binary_join_element_wise(letters, digits(base * 37 + 880_000_000, 9), "")


def keys_by_base(rows: pd.DataFrame) -> pa.Array:
    """Certificate number at the position of each base."""
    size = int(rows["base"].max()) + 1 if len(rows) else 0
    position = np.zeros(size, dtype=np.int64)
    position[rows["base"]] = np.arange(len(rows))
    return keys(rows).take(pa.array(position))


def child_names(world: World, rows: pd.DataFrame) -> pa.Array:
    """Full name, 某某之子 of the mother, or nothing."""
    child, named = rows["child"].to_numpy(), rows["named"].to_numpy()
    mother = pc.coalesce(world.names_of(rows["mother"].to_numpy()), pa.scalar("无名氏"))
    temporary = pc.binary_join_element_wise(mother, words(("之女", "之子"), rows["male"]), "")
    shown = pc.if_else(pa.array(named == TEMPORARY), temporary, world.name.take(pa.array(child)))
    return pc.if_else(pa.array(named == NAMELESS), pa.scalar(None, pa.string()), shown)


def render(world: World, rows: pd.DataFrame) -> pa.Table:
    """Cells of every version, clean."""
    mother, father = rows["mother"].to_numpy(), rows["father"].to_numpy()
    minute, orig = rows["minute"].to_numpy(), rows["orig"].to_numpy()
    own = keys_by_base(rows)
    clock = digits(minute // 60 * 10000 + minute % 60 * 100, 6)
    land = rows["territory"].to_numpy()
    hospitals = tuple(f"{t.name}妇幼保健院" for t in TERRITORIES) + tuple(f"{t.name}人民医院" for t in TERRITORIES)
    which = land + len(TERRITORIES) * (rows["base"].to_numpy() % 2)
    known = pa.array(father >= 0)
    return pa.table(
        {
            "出生医学证明编号": keys(rows),
            "新生儿姓名": child_names(world, rows),
            "性别": words(("女", "男"), rows["male"]),
            "出生日期时间": pc.binary_join_element_wise(text_compact(rows["birth"].to_numpy()), clock, ""),
            "胎次": pc.cast(pa.array(rows["parity"].to_numpy()), pa.string()),
            "多胞胎序号": words(("", "1", "2", "3"), rows["order"]),
            "医疗机构代码": digits(which + 880001, 9),
            "医疗机构名称": words(hospitals, which),
            "母亲姓名": world.names_of(mother),
            "母亲证件类别": words(("居民身份证", "护照", "港澳台居民居住证"), rows["mother_paper"]),
            "母亲证件号码": numbers.text(rows["mother_number"].to_numpy()),
            "母亲住址": world.address(np.maximum(mother, 0)),
            "父亲姓名": world.names_of(father),
            "父亲证件类别": pc.if_else(known, pa.scalar("居民身份证"), pa.scalar(None, pa.string())),
            "父亲证件号码": numbers.text(rows["father_number"].to_numpy()),
            "签发类别": words(KINDS, rows["kind"]),
            "原证编号": own.take(pa.array(orig, mask=orig < 0)),
            "签发日期": text_iso(rows["issue"].to_numpy()),
        }
    )
