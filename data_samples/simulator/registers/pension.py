"""Pension benefits: an account (个人编号) with one payment row per month."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER, YEAR, IntArray, month_index, text_compact, text_month
from data_samples.simulator.places import CODES
from data_samples.simulator.registers.frames import frame, serial, words
from data_samples.simulator.world import World

SCHEMES = ("企业职工", "机关事业", "城乡居民")
PAID, PAUSED, ENDED = range(3)
STATES = ("发放", "暂停", "终止")
SHOWN_AFTER_END = 2


def draw(world: World) -> pd.DataFrame:
    """Accounts of the aged: months paid from ``pay_from`` to ``pay_to``, shown as ended for two months more."""
    people, rng = world.people, world.rng("pension")
    age = np.where(people.male | (rng.random(len(people)) < 0.5), 60, 55)
    due = people.birth + (age * YEAR).astype(np.int64) + 15
    history = world.first - 420
    who = np.flatnonzero((due <= world.last) & (people.death > history) & ~world.ghost & (world.registered < world.first))
    oldest = people.birth[who] < world.last - 79 * YEAR
    who = who[rng.random(len(who)) < np.where(oldest, (1 + world.scenario.pension_covered) / 2, world.scenario.pension_covered)]
    scheme = np.where(world.urban[who], rng.choice(3, len(who), p=[0.62, 0.12, 0.26]), rng.choice(3, len(who), p=[0.14, 0.04, 0.82]))
    late = np.where(rng.random(len(who)) < world.scenario.late_pension_stop, rng.integers(2, 6, len(who)), rng.integers(0, 2, len(who)))
    dead, gone = people.death[who], world.left[who]
    last = np.where(dead < NEVER, month_index(dead) + late, np.where(gone < NEVER, month_index(gone), NEVER))
    amount = np.array([310_000, 560_000, 22_000])[scheme] * rng.lognormal(0, 0.25, len(who))
    verified = np.minimum(history - rng.integers(0, 330, len(who)), dead - 1)
    return frame(
        {
            "person": who,
            "number": world.number[who],
            "birth": people.birth[who],
            "male": people.male[who],
            "scheme": scheme,
            "territory": people.territory[who],
            "start": due[who],
            "pay_from": month_index(due[who]),
            "pay_to": last,
            "cents": amount.astype(np.int64),
            "verified": verified,
            "verify_day": rng.integers(0, 365, len(who)),
            "verify_until": np.minimum(dead, gone),
            "paused": 0,
        },
        world.first - 400,
    )


def verified_on(rows: pd.DataFrame, when: int) -> IntArray:
    """The last yearly verification before a folder's date, none after death or departure."""
    anniversary = when - (when - rows["verify_day"].to_numpy()) % 365
    limit = rows["verify_until"].to_numpy()
    past = anniversary - 365 * np.maximum(0, -(-(anniversary - limit + 1) // 365))
    return np.where(anniversary < limit, anniversary, past)


def on_file(rows: pd.DataFrame, month: int) -> pd.DataFrame:
    """Accounts that the file of a month shows."""
    return rows[(rows["pay_from"] <= month) & (rows["pay_to"] + SHOWN_AFTER_END >= month)]


def ever_shown(rows: pd.DataFrame, months: IntArray) -> pd.DataFrame:
    """Accounts that at least one of the months' files shows."""
    shown = (
        (rows["pay_from"] <= months.max())
        & (rows["pay_to"] + SHOWN_AFTER_END >= months.min())
        & (rows["pay_from"] <= rows["pay_to"] + SHOWN_AFTER_END)
    )
    kept: pd.DataFrame = rows[shown].reset_index(drop=True)
    return kept


def keys(base: object) -> pa.Array:
    """``88S000000042``."""
    return serial("88S", base, 9)


def render(world: World, rows: pd.DataFrame) -> pa.Table:
    """Cells that don't change from month to month, clean."""
    person = rows["person"].to_numpy()
    cents = rows["cents"].to_numpy()
    yuan = pc.binary_join_element_wise(
        pc.cast(pa.array(cents // 100), pa.string()), pc.utf8_lpad(pc.cast(pa.array(cents % 100), pa.string()), 2, "0"), "."
    )
    return pa.table(
        {
            "个人编号": keys(rows["base"]),
            "社会保障号码": numbers.text(rows["number"].to_numpy()),
            "姓名": world.name.take(pa.array(person)),
            "性别": words(("女", "男"), rows["male"]),
            "出生日期": text_compact(rows["birth"].to_numpy()),
            "险种": words(SCHEMES, rows["scheme"]),
            "参保地行政区划": pc.cast(pa.array(CODES[rows["territory"].to_numpy()]), pa.string()),
            "月发放金额": yuan,
        }
    )


def monthly(rows: pd.DataFrame, fixed: pa.Table, month: int, folder_day: int) -> pa.Table:
    """One month's file: ``fixed`` are the rendered cells of exactly these rows."""
    paid = rows["pay_to"].to_numpy() >= month
    state = np.where(paid, np.where(rows["paused"].to_numpy() == 1, PAUSED, PAID), ENDED)
    stopped = np.where(paid, NEVER, rows["pay_to"].to_numpy() + 1)
    column = dict(zip(fixed.column_names, fixed.columns, strict=True))
    count = len(rows)
    order = {
        **{name: column[name] for name in ("个人编号", "社会保障号码", "姓名", "性别", "出生日期", "险种", "参保地行政区划")},
        "参保状态": words(("正常参保", "终止参保"), ~paid),
        "待遇状态": words(STATES, state),
        "待遇开始年月": text_month(rows["pay_from"].to_numpy()),
        "待遇停止年月": text_month(stopped),
        "发放年月": text_month(np.full(count, month)),
        "月发放金额": pc.if_else(pa.array(state == PAID), column["月发放金额"].combine_chunks(), pa.scalar("0.00")),
        "最近认证日期": text_compact(verified_on(rows, folder_day)),
    }
    return pa.table(order)
