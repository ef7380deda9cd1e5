"""School rolls (学籍), one full extract per term; the student number is the identity number with a letter in front."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator import numbers
from data_samples.simulator.clock import NEVER, YEAR, IntArray, calendar_date, day, digits, text_compact
from data_samples.simulator.places import CODES, TERRITORIES
from data_samples.simulator.registers.frames import frame, words
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


def draw(world: World) -> pd.DataFrame:
    """Everybody of grades one to twelve who lives here, but for a few who should be enrolled and are not."""
    people, rng = world.people, world.rng("school")
    term = world.first
    start = school_year_start(term)
    grade = grade_of(world, np.arange(len(people)), start)
    who = np.flatnonzero((grade >= 0) & (grade <= 11) & world.present(term))
    chance = np.where(grade[who] >= 9, 0.97, 1.0) - world.scenario.not_enrolled
    unregistered = world.registered[who] > term
    chance = np.where(unregistered, 0.7, chance)
    who = who[rng.random(len(who)) < chance]
    entered = np.array([_september(start, int(years)) for years in range(13)])[
        np.select([grade[who] < 6, grade[who] < 9], [grade[who], grade[who] - 6], grade[who] - 9)
    ]
    school = school_of(people.territory[who], grade[who], rng.integers(0, 90, len(who)))
    kin = world.families
    guardian = np.where(kin.father[who] >= 0, kin.father[who], kin.mother[who])
    return frame(
        {
            "person": who,
            "number": world.number_on(who, term - 60),
            "student": world.number_on(who, term - 60),
            "temporary": np.arange(len(who)),
            "birth": people.birth[who],
            "male": people.male[who],
            "school": school,
            "grade": grade[who],
            "entered": entered,
            "guardian": guardian,
            "change_date": NEVER,
            "paper": 0,
            "status": rng.choice(5, len(who), p=[0.988, 0.009, 0.0, 0.0, 0.003]),
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
