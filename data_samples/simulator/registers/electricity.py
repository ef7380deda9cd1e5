"""Electricity accounts: the holder is often not the occupant, an old owner, a company or long dead."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER, YEAR, month_index, text_iso, text_month
from data_samples.simulator.registers.frames import frame, serial, words
from data_samples.simulator.world import World

COMPANY = -1
CATEGORIES = ("居民生活", "一般工商业", "农业生产")
STATES = ("在用", "暂停", "销户")
COMPANIES = ("云州纺织有限公司", "云中物业服务公司", "南屏粮食局", "青岭旅游开发公司", "石桥建筑工程公司", "白水农机站")


def draw(world: World) -> pd.DataFrame:
    """One account for most households; the very old without a pension never hold one."""
    people, rng = world.people, world.rng("electricity")
    heads = np.unique(world.head)
    heads = heads[rng.random(len(heads)) < 0.87]
    adult = (people.birth[heads] < world.first - 20 * YEAR) & (people.birth[heads] > world.first - 79 * YEAR) & ~world.ghost[heads]
    heads = heads[adult]
    other = np.roll(heads, 7)
    same = (people.territory[other] == people.territory[heads]) & (rng.random(len(heads)) < 0.06)
    holder = np.where(same, other, np.where(rng.random(len(heads)) < 0.02, COMPANY, heads))
    opened = np.maximum(people.birth[heads] + rng.integers(7000, 12000, len(heads)), 7000)
    opened = np.minimum(opened, world.first - 100)
    shown = np.where(rng.random(len(heads)) < 0.55, world.number_on(holder, opened + 200), 0)
    return frame(
        {
            "person": holder,
            "place": heads,
            "number": shown,
            "category": rng.choice(3, len(heads), p=[0.94, 0.04, 0.02]),
            "status": rng.choice(3, len(heads), p=[0.965, 0.02, 0.015]),
            "opened": opened,
            "kwh": rng.gamma(2.2, 60, len(heads)).astype(np.int64),
            "company": rng.integers(0, 6, len(heads)),
        },
        world.first - 400,
    )


def keys(base: object) -> pa.Array:
    """Thirteen digits."""
    return serial("8800", base, 9)


def render(world: World, rows: pd.DataFrame, folder_day: int) -> pa.Table:
    """Cells of one month's file, clean."""
    holder, status = rows["person"].to_numpy(), rows["status"].to_numpy()
    firm = pa.array(holder == COMPANY)
    closed = np.where(status == 2, folder_day - 40 - rows["base"].to_numpy() % 300, NEVER)
    credit = pc.binary_join_element_wise("91880100MA", serial("", rows["company"], 7), "X", "")
    return pa.table(
        {
            "户号": keys(rows["base"]),
            "户名": pc.if_else(firm, words(COMPANIES, rows["company"]), world.names_of(holder)),
            "证件号码": pc.if_else(firm, credit, numbers.text(rows["number"].to_numpy())),
            "用电地址": world.address(rows["place"].to_numpy(), province=False),
            "用电类别": words(CATEGORIES, rows["category"]),
            "客户状态": words(STATES, status),
            "立户日期": text_iso(rows["opened"].to_numpy()),
            "销户日期": text_iso(closed),
            **meter(rows, folder_day),
        }
    )


def meter(rows: pd.DataFrame, folder_day: int) -> dict[str, pa.Array]:
    """The two columns that change from month to month."""
    month = np.full(len(rows), int(month_index(np.array([folder_day]))[0]) - 1)
    swing = 90 + (rows["base"].to_numpy() * 31 + folder_day) % 21
    used = np.where(rows["status"].to_numpy() == 0, rows["kwh"].to_numpy() * swing // 100, 0)
    return {"抄表年月": text_month(month), "本月电量(kWh)": pc.cast(pa.array(used), pa.string())}
