"""A census: who lived where on 1 November, registered or not; for evaluation only."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import YEAR, text_compact
from data_samples.simulator.places import CODES
from data_samples.simulator.registers.frames import frame, serial, words
from data_samples.simulator.world import World

DAY = 20393  # 2025-11-01
LOCAL, ELSEWHERE, PENDING = range(3)
STATUS = ("本地", "外地", "待定")
OMITTED = 0.0025


def draw(world: World) -> pd.DataFrame:
    """Everybody present, household by household; a running number keeps the relation unique."""
    people, rng = world.people, world.rng("census")
    who = np.flatnonzero(world.present(DAY))
    who = who[rng.random(len(who)) >= OMITTED]
    spouse = world.families.spouse[who]
    head = world.head[who]
    kind = np.select([who == head, spouse == head, (world.families.mother[who] == head) | (world.families.father[who] == head)], [0, 1, 2], 3)
    home = world.household[who]
    order = np.lexsort((people.birth[who], kind, home))
    who, kind, home = who[order], kind[order], home[order]
    first = np.r_[True, home[1:] != home[:-1]]
    place = np.arange(len(who)) - np.maximum.accumulate(np.where(first, np.arange(len(who)), 0)) + 1
    shown = np.where(rng.random(len(who)) < 1 - world.scenario.number_missing["census"], world.number_on(who, DAY), 0)
    moved = world.origin[who] != people.territory[who]
    late = moved & (world.moved[who] > DAY)
    status = np.where(world.registered[who] > DAY, PENDING, np.where(late | (rng.random(len(who)) < 0.05), ELSEWHERE, LOCAL))
    return frame(
        {
            "person": who,
            "number": shown,
            "relation": kind,
            "place": place,
            "household": home,
            "birth": people.birth[who],
            "male": people.male[who],
            "territory": people.territory[who],
            "registered_in": np.where(late, world.origin[who], people.territory[who]),
            "status": status,
        },
        DAY,
    )


def keys(rows: pd.DataFrame) -> pa.Array:
    """``88H00000042|户主1``."""
    return pc.binary_join_element_wise(serial("88H", rows["household"], 8), relations(rows), "|")


def relations(rows: pd.DataFrame) -> pa.Array:
    """Relation and running number."""
    names = words(("户主", "配偶", "子女", "其他"), rows["relation"])
    return pc.binary_join_element_wise(names, pc.cast(pa.array(rows["place"].to_numpy()), pa.string()), "")


def render(world: World, rows: pd.DataFrame) -> pa.Table:
    """Cells, clean."""
    unknown = pa.array(rows["status"].to_numpy() == PENDING)
    code = pc.cast(pa.array(CODES[rows["registered_in"].to_numpy()]), pa.string())
    age_ok = rows["birth"].to_numpy() > DAY - 120 * YEAR
    return pa.table(
        {
            "户编号": serial("88H", rows["household"], 8),
            "与户主关系": relations(rows),
            "姓名": world.names_of(rows["person"].to_numpy()),
            "性别": words(("女", "男"), rows["male"]),
            "出生年月": pc.if_else(
                pa.array(age_ok), pc.utf8_slice_codeunits(text_compact(rows["birth"].to_numpy()), 0, 6), pa.scalar(None, pa.string())
            ),
            "公民身份号码": numbers.text(rows["number"].to_numpy()),
            "现住地行政区划": pc.cast(pa.array(CODES[rows["territory"].to_numpy()]), pa.string()),
            "户口登记地行政区划": pc.if_else(unknown, pa.scalar(None, pa.string()), code),
            "户口登记状况": words(STATUS, rows["status"]),
        }
    )
