"""Two files of made-up people, by columns, for benchmarks of size: names as in Chinese registers, numbers of province 88.

The first file is clean but for 1% without a number. Of the second, 5% have no number, 1% a wrong one, and names, dates
and places are damaged; one person in eighteen of it is not in the first. Made and written in parts, so that memory does not
grow with the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.str_]
Ints = NDArray[np.int64]

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方"
    "白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文志春梅红海燕波辉宇浩鑫俊峰丹婷雪琳玲云龙飞鹏斌凯健慧颖晶莹欣怡佳嘉子涵梓轩雨"
    "泽晨思诗语梦琪若然一诺铭睿博昊天宸瑞熙瑶璐倩薇蕾菲茜柳月香莲凤珍珠翠荣贵福寿德义仁礼智信忠孝全才学林森木树根生金银铁山石川江河湖清源永远长新立成"
)
DIVISIONS = ("880102", "880103", "880105", "880111", "880112", "880122", "880124", "880202", "880221", "880222", "880281", "882301", "882322")
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECKS = np.array(list("10X98765432"))
COLUMNS = ("name", "sex", "birth_date", "id_number", "division", "address")
FIRST_DAY, DAYS = np.datetime64("1935-01-01"), 88 * 365
PART = 250_000


@dataclass(frozen=True)
class World:
    """How many people stand in each file, the seed, and of how many people of the first file a part is made at once."""

    left: int
    right: int
    seed: int = 1
    part: int = PART

    @property
    def parts(self) -> Iterator[tuple[int, int, int]]:
        """For each part: people of the first file, how many of them stand in the second, too, strangers in the second."""
        strangers = self.right // 18
        count = max(-(-self.left // self.part), 1)
        shares = [np.diff(np.linspace(0, total, count + 1).astype(int)) for total in (self.left, self.right - strangers, strangers)]
        return ((int(a), int(b), int(c)) for a, b, c in zip(*shares, strict=True))


@dataclass(frozen=True)
class Register:
    """What parts of one world share: how many numbers each group of one county, day of birth and sex has got, so that no two
    people share one (500 to each group)."""

    taken: Ints = field(default_factory=lambda: np.zeros(len(DIVISIONS) * DAYS * 2, dtype=np.int64))

    def sequence(self, division: Ints, day: Ints, sex: Ints) -> Ints:
        """The next number of each person's group; odd for men."""
        import pandas as pd

        group = (division * DAYS + day) * 2 + sex
        turn: Ints = self.taken[group] + pd.Series(group).groupby(group).cumcount().to_numpy()
        np.add.at(self.taken, group, 1)
        return (turn + group // 2 * 7919) % 500 * 2 + sex  # each group starts somewhere else


def _zipf(chance: np.random.Generator, choices: Texts, count: int, power: float) -> Texts:
    shares = 1 / np.arange(1, len(choices) + 1) ** power
    return choices[chance.choice(len(choices), count, p=shares / shares.sum())]


def _digits(values: Ints, width: int) -> Texts:
    return np.char.zfill(values.astype(str), width)


def _numbers(divisions: Texts, births: Texts, sequence: Ints) -> Texts:
    """Numbers by GB 11643-1999: division, date of birth, sequence, check character."""
    stems = np.char.add(np.char.add(divisions, births), _digits(sequence, 3))
    figures = stems.view("U1").reshape(len(stems), -1)[:, :17].astype(np.int64)
    checked: Texts = np.char.add(stems, CHECKS[figures @ WEIGHTS % 11])
    return checked


def population(chance: np.random.Generator, count: int, register: Register, first: int = 0) -> dict[str, Any]:
    """So many people, each once: person (from `first` on), name, sex, birth_date (YYYY-MM-DD), id_number, division, address."""
    surname = _zipf(chance, np.array(list(SURNAMES)), count, 0.85)
    given = np.array(list(dict.fromkeys(GIVEN)))
    second = np.where(chance.random(count) < 0.8, _zipf(chance, given, count, 0.5), "")
    day, sex, place = (chance.integers(0, many, count) for many in (DAYS, 2, len(DIVISIONS)))
    birth = np.datetime_as_string((FIRST_DAY + day).astype("datetime64[D]"))
    division, sequence = np.array(DIVISIONS)[place], register.sequence(place, day, sex)
    street = _zipf(chance, given, count, 0.2)
    address = np.char.add(np.char.add(street, _zipf(chance, given, count, 0.1)), "路")
    house = np.char.add(_digits(chance.integers(1, 400, count), 1), "号")
    return {
        "person": np.arange(first, first + count),
        "name": np.char.add(np.char.add(surname, _zipf(chance, given, count, 0.4)), second),
        "sex": np.where(sex == 1, "M", "F"),
        "birth_date": birth,
        "id_number": _numbers(division, np.char.replace(birth, "-", ""), sequence),
        "division": division,
        "address": np.char.add(address, house),
    }


def _one_digit(chance: np.random.Generator, texts: Texts, first: int, last: int) -> Texts:
    """One digit between two places of each text replaced by another."""
    width = texts.dtype.itemsize // 4
    letters = texts.copy().view("U1").reshape(len(texts), width)
    rows, places = np.arange(len(texts)), chance.integers(first, last, len(texts))
    old = letters[rows, places].astype(np.int64)
    letters[rows, places] = ((old + chance.integers(1, 10, len(texts))) % 10).astype(str)
    return np.ascontiguousarray(letters).view(f"U{width}").ravel()


def _damage(chance: np.random.Generator, people: dict[str, Any]) -> dict[str, Any]:
    """The second file's view of the same people; None where a value is missing."""
    count = len(people["person"])
    damaged = {name: values.astype(object) for name, values in people.items()}

    def some(share: float) -> Ints:
        return np.flatnonzero(chance.random(count) < share)

    rows = some(0.01)
    damaged["id_number"][rows] = _one_digit(chance, people["id_number"][rows], 6, 17)
    damaged["id_number"][some(0.05)] = None
    given = np.array(list(dict.fromkeys(GIVEN)))
    rows = some(0.03)
    shorter = np.array([name[:-1] for name in people["name"][rows]])
    damaged["name"][rows] = np.char.add(shorter, _zipf(chance, given, len(rows), 0.4))
    damaged["name"][some(0.005)] = None
    rows = some(0.015)
    damaged["birth_date"][rows] = _one_digit(chance, people["birth_date"][rows], 8, 10)
    rows = some(0.005)
    date = people["birth_date"][rows]
    damaged["birth_date"][rows] = [f"{text[:4]}-{text[8:]}-{text[5:7]}" for text in date]
    moved = some(0.15)
    damaged["address"][moved] = people["address"][chance.permutation(count)][moved]
    damaged["address"][some(0.05)] = None
    damaged["sex"][some(0.002)] = None
    return damaged


def _views(chance: np.random.Generator, people: dict[str, Any], inside: int, strangers: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the two files know of these people; the last `strangers` stand in the second only."""
    own = len(people["person"]) - strangers
    shown = np.concatenate([np.sort(chance.choice(own, inside, replace=False)), np.arange(own, own + strangers)])
    left = {name: values[:own].astype(object) for name, values in people.items()}
    left["id_number"][chance.random(own) < 0.01] = None
    return left, _damage(chance, {name: values[shown] for name, values in people.items()})


def write_world(world: World, folder: Path) -> tuple[Path, Path]:
    """Two Parquet files of `id`, the columns of `population`, and the truth in `person`; rows shuffled within each part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    chance, register, made, written = np.random.default_rng(world.seed), Register(), 0, [0, 0]
    schema = pa.schema([("id", pa.int64()), ("person", pa.int64()), *((name, pa.string()) for name in COLUMNS)])
    paths = folder / "left.parquet", folder / "right.parquet"
    with pq.ParquetWriter(paths[0], schema) as left, pq.ParquetWriter(paths[1], schema) as right:
        for own, inside, strangers in world.parts:
            people = population(chance, own + strangers, register, made)
            made += own + strangers
            for side, (writer, view) in enumerate(zip((left, right), _views(chance, people, inside, strangers), strict=True)):
                order = chance.permutation(len(view["person"]))
                ids = np.arange(written[side], written[side] + len(order))
                written[side] += len(order)
                writer.write_table(pa.table({"id": ids} | {name: values[order] for name, values in view.items()}, schema=schema))
    return paths


@dataclass(frozen=True)
class Night:
    """What a night does to one file: `changed` (new and changed records), `removed` (column id), and `whole`, the file after it."""

    changed: Path
    removed: Path
    whole: Path


def write_night(paths: tuple[Path, Path], folder: Path, share: float, seed: int = 1) -> tuple[Night, Night]:
    """A night on both files: of each, `share` of the records is new (a fifth; people who are in neither file), gone (a fifth) or
    changed (moved, another last character of the name, a slip in the date, the number lost or found)."""
    import pandas as pd

    chance, nights = np.random.default_rng(seed), []
    tables = [pd.read_parquet(path) for path in paths]
    fresh = int(len(tables[0]) * share / 5)
    born = pd.DataFrame(population(chance, fresh, Register(np.full(len(DIVISIONS) * DAYS * 2, 400)), 10**9))
    for side, (path, table) in enumerate(zip(paths, tables, strict=True)):
        picked = chance.permutation(len(table))[: int(len(table) * share * 4 / 5)]
        removed, changed = table.iloc[picked[: len(picked) // 4]], table.iloc[picked[len(picked) // 4 :]].copy()
        _change(chance, changed, table)
        added = born if side == 0 else born.sample(frac=0.9, random_state=seed)
        added = added.assign(id=np.arange(len(added)) + len(table))
        changed = pd.concat([changed, added[table.columns]])
        whole = pd.concat([table[~table["id"].isin([*removed["id"], *changed["id"]])], changed])
        files = Night(*(folder / f"{path.stem}_{name}.parquet" for name in ("changed", "removed", "whole")))
        for frame, file in ((changed, files.changed), (removed[["id"]], files.removed), (whole, files.whole)):
            frame.to_parquet(file, index=False)
        nights.append(files)
    return nights[0], nights[1]


def _change(chance: np.random.Generator, changed: Any, table: Any) -> None:
    """One thing of each record changes."""
    kind, given = chance.integers(0, 4, len(changed)), np.array(list(dict.fromkeys(GIVEN)))
    moved, named, slipped, numbered = (kind == each for each in range(4))
    changed.loc[moved, "address"] = table["address"].sample(int(moved.sum()), random_state=1).to_numpy()
    changed.loc[named, "name"] = changed.loc[named, "name"].str[:-1] + _zipf(chance, given, int(named.sum()), 0.4)
    changed.loc[slipped, "birth_date"] = _one_digit(chance, changed.loc[slipped, "birth_date"].to_numpy().astype("U10"), 9, 10)
    changed.loc[numbered, "id_number"] = None
