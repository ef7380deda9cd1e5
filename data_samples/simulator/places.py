"""The made-up province 88 (云州, SYNTHETIC): divisions with their dates, territories, streets and addresses.

A *territory* is a piece of land under its present code; a division is a code that was in force for a time.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator.clock import NEVER, IntArray, day

PROVINCE = "云州省"


@dataclass(frozen=True)
class Division:
    """One county-level code and when it was in force."""

    code: int
    name: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True)
class Territory:
    """Land under its present code: earlier codes (oldest first), weight in the population, share living in town."""

    code: int
    city: str
    name: str
    weight: float
    urban: float
    earlier: tuple[tuple[int, str, date], ...] = ()
    autonomous: bool = False


TERRITORIES = (
    Territory(880105, "云中市", "中城区", 0.17, 1.0, ((880102, "东城区", date(2012, 10, 31)), (880103, "西城区", date(2012, 10, 31)))),
    Territory(880111, "云中市", "江北区", 0.14, 0.9),
    Territory(880112, "云中市", "临河区", 0.12, 0.5, ((880122, "临河县", date(2015, 5, 31)),)),
    Territory(880124, "云中市", "石桥县", 0.13, 0.25),
    Territory(880202, "南屏市", "湖滨区", 0.13, 0.9),
    Territory(880221, "南屏市", "古城县", 0.12, 0.25),
    Territory(880281, "南屏市", "白水市", 0.09, 0.4, ((880222, "白水县", date(2018, 12, 31)),)),
    Territory(882301, "青岭自治州", "青岭市", 0.06, 0.5, autonomous=True),
    Territory(882322, "青岭自治州", "雪山县", 0.04, 0.1, autonomous=True),
)
CODES = np.array([t.code for t in TERRITORIES], dtype=np.int64)
AUTONOMOUS = np.array([t.autonomous for t in TERRITORIES])
FUNERAL_HOMES = {"云中市": "云中市殡仪馆", "南屏市": "南屏市殡仪馆", "青岭自治州": "青岭殡仪馆"}

STREETS = (
    "人民路",
    "解放街",
    "建设路",
    "中山路",
    "和平街",
    "新华路",
    "文化巷",
    "朝阳街",
    "胜利路",
    "长江路",
    "青年路",
    "滨河路",
    "学府街",
    "工业路",
    "云岭大道",
    "团结路",
    "光明街",
    "东风路",
    "望江街",
    "槐树巷",
)
ESTATES = ("阳光花园", "云锦苑", "滨江小区", "金桂园", "翠湖里", "幸福小区", "紫荆苑", "和谐家园", "东方名城", "老机床厂宿舍")
TOWNS = ("青山镇", "白塔镇", "柳河乡", "石门镇", "双桥乡", "大坪镇", "云台乡", "龙泉镇", "沙坝乡", "三岔镇")
VILLAGES = ("柳树村", "上湾村", "下湾村", "王家坝村", "李庄村", "杏花村", "黄泥塘村", "石板村", "高桥村", "白杨村", "马鞍村", "清水村")


def code_at(territory: IntArray, when: IntArray, pick: IntArray) -> IntArray:
    """The code in force on a day; ``pick`` chooses among several earlier ones (east or west half)."""
    codes = CODES[territory].copy()
    for index, land in enumerate(TERRITORIES):
        if not land.earlier:
            continue
        old = (territory == index) & (when <= day(land.earlier[0][2])) & (when < NEVER)
        choices = np.array([code for code, _, _ in land.earlier], dtype=np.int64)
        codes[old] = choices[pick[old] % len(choices)]
    return codes


def take(words: tuple[str, ...], index: IntArray) -> pa.Array:
    """Words by position, cyclic."""
    return pa.array(words).take(pa.array(index % len(words)))


def county_names(territory: IntArray, *, province: bool = True) -> pa.Array:
    """``云州省云中市中城区`` per row."""
    head = PROVINCE if province else ""
    return pa.array([head + land.city + land.name for land in TERRITORIES]).take(pa.array(territory))


def street_part(rng: np.random.Generator, urban: np.ndarray) -> pa.Array:
    """The tail of one address per household: street and house, or town, village and group."""
    count = len(urban)
    draw = [rng.integers(0, high, count) for high in (20, 300, 10, 30, 6, 32, 4, 10, 12, 15)]
    street, number, estate, building, unit, floor, flat, town, village, group = draw
    numbers = [pc.cast(pa.array(value + 1), pa.string()) for value in (number, building, unit, group)]
    room = pc.cast(pa.array((floor + 1) * 100 + flat + 1), pa.string())
    city = pc.binary_join_element_wise(
        take(STREETS, street), numbers[0], "号", take(ESTATES, estate), numbers[1], "幢", numbers[2], "单元", room, "室", ""
    )
    rural = pc.binary_join_element_wise(take(TOWNS, town), take(VILLAGES, village), numbers[3], "组", numbers[0], "号", "")
    return pc.if_else(pa.array(urban), city, rural)
