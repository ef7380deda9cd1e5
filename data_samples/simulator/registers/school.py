"""School rolls (学籍), one full extract per term; the student number is the identity number with a letter in front."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER, YEAR, IntArray, calendar_date, day, digits, text_compact
from data_samples.simulator.places import CODES, TERRITORIES
from data_samples.simulator.registers.frames import frame, words
from data_samples.simulator.sources import term_days
from data_samples.simulator.world import World

ENROLLED, SUSPENDED, MOVED, GRADUATED, DROPPED = range(5)
STATUS = ("在读", "休学", "转学", "毕业", "辍学")
GRADES = ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级", "高一", "高二", "高三")
LEVELS = ("小学", "初级中学", "高级中学")


def school_year_start(when: int) -> int:
    """31 August of the running school year."""
    today = calendar_date(when)
    return day(date(today.year if today.month >= 9 else today.year - 1, 8, 31))


def grade_of(world: World, person: IntArray, start: int) -> IntArray:
    """Grade 0..11 by age on 31 August; below 0 = too young, above 11 = done."""
    age = np.floor((start - world.people.birth[person]) / YEAR).astype(np.int64)
    return np.asarray(age - 6)


def school_of(territory: IntArray, grade: IntArray, pick: IntArray) -> IntArray:
    """One school of the territory for the level: about nine primary, five junior, three senior."""
    level = np.select([grade < 6, grade < 9], [0, 1], 2)
    count = np.array([9, 5, 3])[level]
    return np.asarray((territory * 3 + level) * 10 + pick % count)


@dataclass(frozen=True)
class Fate:
    """What stays with a child from term to term: will it enrol, which school of a level, in what state."""

    enrols: npt.NDArray[np.float64]
    pick: IntArray
    status: IntArray


def draw(world: World) -> pd.DataFrame:
    """The rolls of every term that begins in the nights; a later one drops the dead, the departed and the graduates."""
    count, rng = len(world.people), world.rng("school")
    status = rng.choice(5, count, p=[0.988, 0.009, 0.0, 0.0, 0.003])
    fate = Fate(rng.random(count), rng.integers(0, 90, count), status.astype(np.int64))
    terms = term_days(world.nights)
    rolls = [roll(world, fate, term) for term in terms]
    for rows, following in zip(rolls, [*terms[1:], NEVER], strict=True):
        rows["until"] = following
    whole = pd.concat(rolls, ignore_index=True)
    whole["base"] = np.unique(whole["person"].to_numpy() * 1000 + whole["school"].to_numpy(), return_inverse=True)[1]
    joined = whole.groupby("person")["student"].transform("first")
    whole["student"] = joined
    return whole.sort_values(["base", "seen"], kind="stable", ignore_index=True)


def roll(world: World, fate: Fate, term: int) -> pd.DataFrame:
    """Everybody of grades one to twelve who lives here, but for a few who should be enrolled and are not."""
    people = world.people
    start = school_year_start(term)
    grade = grade_of(world, np.arange(len(people)), start)
    chance = np.where(grade >= 9, 0.97, 1.0) - world.scenario.not_enrolled
    chance = np.where(world.registered > term, 0.7, chance)
    who = np.flatnonzero((grade >= 0) & (grade <= 11) & world.present(term) & (fate.enrols < chance))
    years = np.select([grade[who] < 6, grade[who] < 9], [grade[who], grade[who] - 6], grade[who] - 9)
    kin = world.families
    return frame(
        {
            "person": who,
            "number": world.number_on(who, term - 60),
            "student": world.number_on(who, term - 60),
            "temporary": who,
            "birth": people.birth[who],
            "male": people.male[who],
            "school": school_of(people.territory[who], grade[who], fate.pick[who]),
            "grade": grade[who],
            "entered": np.array([_september(start, year) for year in range(13)])[years],
            "guardian": np.where(kin.father[who] >= 0, kin.father[who], kin.mother[who]),
            "change_date": NEVER,
            "paper": 0,
            "status": fate.status[who],
        },
        term,
    )


def _september(start: int, years: int) -> int:
    first = calendar_date(start)
    return day(date(first.year - years, 9, 1))


def student_numbers(rows: pd.DataFrame) -> pa.Array:
    """G + number, or L + a temporary number for a child without one."""
    number = rows["student"].to_numpy()
    temporary = pc.binary_join_element_wise("L88", digits(rows["temporary"].to_numpy(), 15), "")
    return pc.if_else(pa.array(number > 0), pc.binary_join_element_wise("G", pc.coalesce(numbers.text(number), pa.scalar("")), ""), temporary)


def school_codes(rows: pd.DataFrame) -> pa.Array:
    """Ten digits."""
    return digits(2_188_000_000 + rows["school"].to_numpy(), 10)


def school_names(rows: pd.DataFrame) -> pa.Array:
    """``中城区第三小学``."""
    school = rows["school"].to_numpy()
    lands = tuple(f"{land.name}第{'一二三四五六七八九十'[i]}{level}" for land in TERRITORIES for level in LEVELS for i in range(10))
    return words(lands, school)


def render(world: World, rows: pd.DataFrame) -> pa.Table:
    """Cells of every version, clean."""
    person, number = rows["person"].to_numpy(), rows["number"].to_numpy()
    guardian = rows["guardian"].to_numpy()
    papers = ("居民身份证", "港澳台居民居住证", "外国人永久居留身份证")
    kind = pc.if_else(pa.array(number > 0), words(papers, rows["paper"]), pa.scalar("其他"))
    return pa.table(
        {
            "学校标识码": school_codes(rows),
            "学校名称": school_names(rows),
            "全国学籍号": student_numbers(rows),
            "姓名": world.name.take(pa.array(person)),
            "性别": words(("女", "男"), rows["male"]),
            "出生日期": text_compact(rows["birth"].to_numpy()),
            "身份证件类型": kind,
            "身份证件号": numbers.text(number),
            "户口所在地": world.address(person),
            "现住址": world.address(person, province=False),
            "年级": words(GRADES, rows["grade"]),
            "入学年月": pc.utf8_slice_codeunits(text_compact(rows["entered"].to_numpy()), 0, 6),
            "学籍状态": words(STATUS, rows["status"]),
            "监护人姓名": world.names_of(guardian),
            "监护人证件号": numbers.text(world.number_on(guardian, world.first)),
            "异动日期": text_compact(rows["change_date"].to_numpy()),
        }
    )


def district(rows: pd.DataFrame) -> IntArray:
    """Division code of each row's school."""
    return np.asarray(CODES[rows["school"].to_numpy() // 30])
