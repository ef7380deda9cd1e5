"""Standardisation of names and numbers: observations per second on one core, beside a straightforward per-row version.

Names and numbers are drawn from a million made-up people (province 88), with the dirt that extracts carry. Both versions read the same rows;
the per-row one (``pypinyin``, ``opencc``, ``re``, as one would write it first) gets a sample, and its rate is compared.

Run with ``make bench NAME=standardise`` or ``python -m benchmarks.standardise --people 1000000``. The last line is JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sys
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from pipelines.locales import load_pack

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘"
    "杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单解查仇区"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰国建文志浩然梓宇轩奕辰子涵欣怡晨曦俊雨泽博思远嘉琪佳雪梅"
    "春生红波鹏飞凤云龙海燕宁玲辉斌凯莉婷萍鑫慧莹倩薇琳瑞峰岩松柏青山川河星月光新民安康福寿喜乐诚信义礼智仁忠孝廉"
)
DIVISIONS = np.array([880102, 880103, 880105, 880111, 880122, 880124, 880202, 880221, 880222, 882301, 882322])
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])


@dataclass(frozen=True)
class Timed:
    """Rows done, seconds of one core and seconds of the clock taken, and memory above what the input holds, in MB."""

    rows: int
    seconds: float
    elapsed: float
    memory: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.seconds


def people(count: int, seed: int) -> pd.DataFrame:
    """Made-up people: name and number, one observation each, with dirt in one of twenty."""
    rng = np.random.default_rng(seed)
    skewed = np.minimum((rng.pareto(0.7, count) * 2).astype(int), len(SURNAMES) - 1)
    surname = np.array(list(SURNAMES))[skewed]
    given = np.array(list(GIVEN))
    one, two = (given[np.minimum(rng.exponential(30, count).astype(int), len(given) - 1)] for _ in range(2))
    names = np.char.add(np.char.add(surname, one), np.where(rng.random(count) < 0.1, "", two)).astype(object)
    born = (np.datetime64("1930-01-01") + rng.integers(0, 29_000, count)).astype(str)
    bodies = [f"{d}{b[:4]}{b[5:7]}{b[8:]}{s:03d}" for d, b, s in zip(rng.choice(DIVISIONS, count), born, rng.integers(1, 999, count), strict=True)]
    digits = np.frombuffer("".join(bodies).encode(), dtype=np.uint8).reshape(count, 17) - ord("0")
    checks = np.array(list("10X98765432"))[digits @ WEIGHTS % 11]
    numbers = np.char.add(np.array(bodies), checks).astype(object)
    return soiled(pd.DataFrame({"name": names, "number": numbers}), rng)


def soiled(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Put dirt into one row of twenty: spaces, minority names, fifteen digits, small x, apostrophes, spreadsheet damage, blanks."""
    spots = rng.permutation(len(frame))
    per_kind = len(frame) // 200
    name_dirt: tuple[Callable[[str], str | None], ...] = (
        lambda n: n[0] + " " + n[1:], lambda n: n[0] + "?", lambda n: n + "之子", lambda n: "买买提．" + n, lambda _: None,
    )  # fmt: skip
    number_dirt: tuple[Callable[[str], str | None], ...] = (
        lambda n: n[:6] + n[8:17], lambda n: "'" + n, lambda n: n[:15] + "000", lambda n: n[:9] + n[10:], lambda _: None,
    )  # fmt: skip
    for column, kinds in (("name", name_dirt), ("number", number_dirt)):
        values = frame[column].to_numpy(dtype=object)
        for place, dirt in enumerate(kinds):
            where = spots[place * per_kind : (place + 1) * per_kind]
            values[where] = [dirt(value) for value in values[where]]
        frame = frame.assign(**{column: values})
    return frame


def by_pack(frame: pd.DataFrame) -> int:
    """Ours; the number of valid numbers is the check that work was done."""
    pack = load_pack("zh_CN")
    pack.names.standardise(frame["name"])
    return int(pack.numbers.parse(frame["number"])["valid"].sum())


def by_row(frame: pd.DataFrame) -> int:
    """As one would write it first: one row after the other."""
    from opencc import OpenCC
    from pypinyin import lazy_pinyin

    simplify = OpenCC("t2s").convert
    valid = 0
    for name, number in zip(frame["name"], frame["number"], strict=True):
        if name is not None:
            plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", name))
            _ = simplify(plain), " ".join(lazy_pinyin(plain))
        valid += number is not None and number_is_right(number)
    return valid


def number_is_right(raw: str) -> bool:
    """Checksum and birth date of one number."""
    text = unicodedata.normalize("NFKC", raw).strip(" '").upper()
    if re.fullmatch(r"\d{15}", text):
        text = text[:6] + "19" + text[6:]
        text += "10X98765432"[sum(int(c) * int(w) for c, w in zip(text, WEIGHTS, strict=True)) % 11]
    if not re.fullmatch(r"\d{17}[\dX]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return text[17] == "10X98765432"[sum(int(c) * int(w) for c, w in zip(text[:17], WEIGHTS, strict=True)) % 11]


def timed(work: Callable[[pd.DataFrame], int], frame: pd.DataFrame) -> Timed:
    """Time one version, tables loaded beforehand."""
    work(frame.head(100))
    before = forget_peak()
    start, started = time.process_time(), time.perf_counter()
    work(frame)
    return Timed(len(frame), time.process_time() - start, time.perf_counter() - started, resident("VmHWM") - before)


def forget_peak() -> float:
    """Start a new high-water mark and give the memory in use, in MB (Linux; elsewhere the mark of the whole run)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return resident("VmRSS")


def resident(kind: str) -> float:
    """A memory figure of this process in MB; 0 where the system doesn't tell."""
    with contextlib.suppress(OSError):
        found = re.search(rf"{kind}:\s+(\d+)", Path("/proc/self/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def main() -> None:
    """Run both versions on one core and print their rates."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rows", type=int, default=30_000, help="rows that the per-row version gets")
    parser.add_argument("--seed", type=int, default=88)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    frame = people(arguments.people, arguments.seed)
    ours = timed(by_pack, frame)
    theirs = timed(by_row, frame.head(arguments.rows))
    distinct = (frame["name"].nunique(), frame["number"].nunique())
    print(f"{ours.rows:,} observations ({distinct[0]:,} names, {distinct[1]:,} numbers): {ours.seconds:.2f} s of one core, {ours.rate:,.0f}/s")
    faster = ours.rate / theirs.rate
    print(f"one row after the other ({theirs.rows:,}): {theirs.rate:,.0f}/s; {faster:.0f} times as fast, {ours.memory:.0f} MB more memory")
    result = {
        "benchmark": "standardise", "observations": ours.rows, "core_seconds": round(ours.seconds, 3), "seconds": round(ours.elapsed, 3),
        "per_second": round(ours.rate), "per_second_by_row": round(theirs.rate), "times": round(faster, 1),
        "memory_mb": round(ours.memory), "python": sys.version.split()[0],
    }  # fmt: skip
    print(json.dumps(result))


if __name__ == "__main__":
    main()
