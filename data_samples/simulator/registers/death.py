"""Death certificates (死亡医学证明) of the health departments."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import YEAR, IntArray, day, digits, text_iso
from data_samples.simulator.population import DEATHS_SINCE
from data_samples.simulator.registers.frames import frame, serial, words
from data_samples.simulator.world import World

LAG = 15
NORMAL, REISSUED, DELETED = range(3)
STATUS = ("正常", "补发", "删除")
PLACES = ("医疗卫生机构", "家中", "养老服务机构", "来院途中", "其他")
CAUSES = ("I21.9", "I63.9", "C34.9", "J44.9", "I61.9", "E14.9", "C22.9", "V89.2", "R54")


def dying(world: World) -> IntArray:
    """Who died in the province since the death sources began."""
    people = world.people
    return np.flatnonzero((people.death >= day(DEATHS_SINCE)) & (people.death < world.last) & ~world.ghost & (world.left > people.death))


def draw(world: World) -> pd.DataFrame:
    """Certificates; home deaths of infants and of the countryside are missed more often."""
    people, rng = world.people, world.rng("death")
    who = dying(world)
    age = (people.death[who] - people.birth[who]) / YEAR
    miss = (1 - world.scenario.certified_deaths) * np.where(age < 5, 1.5, 1.0) * np.where(world.urban[who], 0.8, 1.15)
    who = who[rng.random(len(who)) >= miss]
    issue = people.death[who] + rng.integers(0, 4, len(who))
    report = issue + rng.integers(0, 8, len(who))
    seen = report + rng.integers(1, 4, len(who))
    made = frame(
        {
            "person": who,
            "number": world.number_on(who, issue),
            "birth": people.birth[who],
            "male": people.male[who],
            "death": people.death[who],
            "minute": rng.integers(0, 1440, len(who)),
            "place": rng.choice(5, len(who), p=[0.35, 0.5, 0.08, 0.03, 0.04]),
            "issue": issue,
            "report": report,
            "status": NORMAL,
            "kin": next_of_kin(world, who),
            "cause": rng.integers(0, len(CAUSES), len(who)),
        },
        np.maximum(seen, world.first),
    )
    made = made[seen <= world.last].reset_index(drop=True)
    made["base"] = np.arange(len(made))
    return made


def next_of_kin(world: World, who: IntArray) -> IntArray:
    """Spouse, else a parent, else nobody (-1)."""
    kin = world.families
    return np.where(kin.spouse[who] >= 0, kin.spouse[who], np.where(kin.father[who] >= 0, kin.father[who], kin.mother[who]))


def keys(base: object) -> pa.Array:
    """``88D00000042``."""
    return serial("88D", base, 8)


def render(world: World, rows: pd.DataFrame) -> pa.Table:
    """Cells of every version, clean; telephone and cause are there to be dropped at the gate."""
    person, minute = rows["person"].to_numpy(), rows["minute"].to_numpy()
    number = rows["number"].to_numpy()
    clock = pc.binary_join_element_wise(digits(minute // 60, 2), digits(minute % 60, 2), ":")
    phone = pc.binary_join_element_wise("1000", digits(rows["base"].to_numpy() * 7919 % 10_000_000, 7), "")
    return pa.table(
        {
            "证明编号": keys(rows["base"]),
            "死者姓名": world.name.take(pa.array(person)),
            "性别": words(("女", "男"), rows["male"]),
            "证件类别": pc.if_else(pa.array(number > 0), pa.scalar("居民身份证"), pa.scalar(None, pa.string())),
            "证件号码": numbers.text(number),
            "出生日期": text_iso(rows["birth"].to_numpy()),
            "死亡日期时间": pc.binary_join_element_wise(text_iso(rows["death"].to_numpy()), clock, " "),
            "死亡地点": words(PLACES, rows["place"]),
            "户籍地址": world.address(person),
            "生前常住地址": world.address(person, province=False),
            "家属姓名": world.names_of(rows["kin"].to_numpy()),
            "家属电话": phone,
            "根本死因ICD编码": words(CAUSES, rows["cause"]),
            "签发日期": text_iso(rows["issue"].to_numpy()),
            "报告日期": text_iso(rows["report"].to_numpy()),
            "状态": words(STATUS, rows["status"]),
        }
    )
