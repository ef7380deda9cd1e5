"""Cremations (civil affairs): no birth date, an age; sometimes nobody knows whose body it was."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import YEAR, text_chinese
from data_samples.simulator.places import AUTONOMOUS, FUNERAL_HOMES, TERRITORIES
from data_samples.simulator.registers import death
from data_samples.simulator.registers.frames import frame, serial, words
from data_samples.simulator.world import World

LAG = 3
NO_CERT, OTHER_PROVINCE = -1, -2


def draw(world: World, deaths: pd.DataFrame) -> pd.DataFrame:
    """Cremations one to five days after death; rare in the autonomous prefecture, where burial is the custom."""
    people, rng = world.people, world.rng("cremation")
    who = death.dying(world)
    share = np.where(AUTONOMOUS[people.territory[who]], 0.15, world.scenario.cremated_deaths)
    who = who[rng.random(len(who)) < share]
    cremated = people.death[who] + rng.integers(1, 6, len(who))
    seen = cremated + rng.integers(1, 4, len(who))
    cert = np.full(len(people), NO_CERT)
    cert[deaths["person"]] = deaths["base"]
    shown = np.where(rng.random(len(who)) < 0.75, cert[who], NO_CERT)
    made = frame(
        {
            "person": who,
            "number": world.number_on(who, cremated),
            "male": people.male[who],
            "death": people.death[who],
            "cremated": cremated,
            "age": ((people.death[who] - people.birth[who]) / YEAR).astype(np.int64),
            "territory": people.territory[who],
            "kin": death.next_of_kin(world, who),
            "unidentified": 0,
            "cert": shown,
        },
        np.maximum(seen, world.first),
    )
    made = made[seen <= world.last].reset_index(drop=True)
    made["base"] = np.arange(len(made))
    return made


def keys(base: object) -> pa.Array:
    """``88C00000042``."""
    return serial("88C", base, 8)


def certificate_numbers(rows: pd.DataFrame) -> pa.Array:
    """The certificate's number; one of another province begins with 99, which no register here issues."""
    cert = rows["cert"].to_numpy()
    ours = death.keys(np.maximum(cert, 0))
    foreign = serial("99D", rows["base"], 8)
    known = pc.if_else(pa.array(cert == OTHER_PROVINCE), foreign, ours)
    return pc.if_else(pa.array(cert == NO_CERT), pa.scalar(None, pa.string()), known)


def render(world: World, rows: pd.DataFrame) -> pa.Table:
    """Cells of every version, clean."""
    person = rows["person"].to_numpy()
    nobody = pa.array(rows["unidentified"].to_numpy() == 1)
    number = rows["number"].to_numpy()
    blank = pa.scalar(None, pa.string())
    homes = tuple(FUNERAL_HOMES[land.city] for land in TERRITORIES)
    kin = rows["kin"].to_numpy()
    return pa.table(
        {
            "火化证编号": keys(rows["base"]),
            "逝者姓名": pc.if_else(nobody, pa.scalar("无名氏"), world.names_of(person)),
            "性别": words(("女", "男"), rows["male"]),
            "年龄": pc.if_else(nobody, blank, pc.cast(pa.array(rows["age"].to_numpy()), pa.string())),
            "证件类型": pc.if_else(pa.array(number > 0), pa.scalar("身份证"), blank),
            "证件号码": numbers.text(number),
            "死亡日期": text_chinese(rows["death"].to_numpy()),
            "火化日期": text_chinese(rows["cremated"].to_numpy()),
            "殡仪馆": words(homes, rows["territory"]),
            "户籍地址": pc.if_else(nobody, blank, world.address(np.maximum(person, 0))),
            "经办人姓名": world.names_of(kin),
            "经办人关系": pc.if_else(pa.array(kin >= 0), pa.scalar("亲属"), blank),
            "无名遗体标志": words(("否", "是"), rows["unidentified"]),
            "死亡证明编号": certificate_numbers(rows),
        }
    )
