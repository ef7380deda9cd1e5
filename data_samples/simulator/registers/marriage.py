"""Marriages, divorces, re-issued and annulled certificates; one row speaks of two people."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER, digits, parts, text_compact
from data_samples.simulator.places import CODES, TERRITORIES
from data_samples.simulator.registers.frames import frame, words
from data_samples.simulator.world import World

LAG = 1
BEGAN = 11323  # 2001-01-01
WED, DIVORCE, REISSUE, ANNUL = range(4)
KINDS = ("结婚", "离婚", "补领", "撤销")
UNKNOWN, BEFORE_HISTORY = -1, -2


def draw(world: World) -> pd.DataFrame:
    """Every registration since 2001; a divorce points at its marriage, also at one before the history."""
    people, rng = world.people, world.rng("marriage")
    held = world.families.marriages.reset_index(drop=True)
    held["couple"] = np.arange(len(held))
    wed = held[held["date"] >= BEGAN].assign(kind=WED)
    split = held[(held["ended"] < NEVER) & (held["ended"] >= BEGAN)].assign(kind=DIVORCE)
    split["date"] = split["ended"]
    again = wed[rng.random(len(wed)) < 0.015].assign(kind=REISSUE)
    again["date"] = again["date"] + rng.integers(200, 4000, len(again))
    alive = np.minimum(people.death[again["husband"]], people.death[again["wife"]])
    again = again[(again["date"] < again["ended"]) & (again["date"] < alive)]
    rows = pd.concat([wed, split, again]).sort_values(["date", "couple", "kind"], ignore_index=True)
    rows = rows[rows["date"] + LAG <= world.last].reset_index(drop=True)
    position = np.full(len(held), BEFORE_HISTORY)
    weddings = np.flatnonzero(rows["kind"] == WED)
    position[rows["couple"].to_numpy()[weddings]] = weddings
    husband, wife, date = (rows[name].to_numpy() for name in ("husband", "wife", "date"))
    return frame(
        {
            "husband": husband,
            "wife": wife,
            "kind": rows["kind"],
            "date": date,
            "territory": people.territory[wife],
            "orig": np.where(rows["kind"] == WED, UNKNOWN, position[rows["couple"]]),
            "husband_number": world.number_on(husband, date),
            "wife_number": world.number_on(wife, date),
            "husband_birth": people.birth[husband],
            "wife_birth": people.birth[wife],
        },
        np.maximum(date + LAG, world.first),
    )


def keys(rows: pd.DataFrame) -> pa.Array:
    """``J880105-2010-000042``; L for divorces, BJ for re-issued, CX for annulled."""
    prefix = words(("J", "L", "BJ", "CX"), rows["kind"])
    code = pc.cast(pa.array(CODES[rows["territory"].to_numpy()]), pa.string())
    head = pc.binary_join_element_wise(prefix, code, "")
    return pc.binary_join_element_wise(head, digits(parts(rows["date"].to_numpy())[0], 4), digits(rows["base"].to_numpy(), 6), "-")


def original_keys(rows: pd.DataFrame) -> pa.Array:
    """Number of the marriage that a row ends or repeats; before the history it is a number nobody delivered."""
    own = keys(rows)
    orig = rows["orig"].to_numpy()
    position = np.zeros(int(rows["base"].max()) + 1 if len(rows) else 0, dtype=np.int64)
    position[rows["base"]] = np.arange(len(rows))
    found = own.take(pa.array(position[np.maximum(orig, 0)]))
    old = pc.binary_join_element_wise("J880101", digits(1985 + rows["base"].to_numpy() % 15, 4), digits(rows["base"].to_numpy(), 6), "-")
    return pc.if_else(pa.array(orig >= 0), found, pc.if_else(pa.array(orig == BEFORE_HISTORY), old, pa.scalar(None, pa.string())))


def render(world: World, rows: pd.DataFrame) -> pa.Table:
    """Cells of every version, clean."""
    columns = {
        "登记字号": keys(rows),
        "登记类型": words(KINDS, rows["kind"]),
        "登记日期": text_compact(rows["date"].to_numpy()),
        "登记机关": words(tuple(f"{land.name}民政局婚姻登记处" for land in TERRITORIES), rows["territory"]),
    }
    for word, side in (("男方", "husband"), ("女方", "wife")):
        columns[f"{word}姓名"] = world.names_of(rows[side].to_numpy())
        columns[f"{word}证件号码"] = numbers.text(rows[f"{side}_number"].to_numpy())
        columns[f"{word}出生日期"] = text_compact(rows[f"{side}_birth"].to_numpy())
    return pa.table({**columns, "原登记字号": original_keys(rows)})
