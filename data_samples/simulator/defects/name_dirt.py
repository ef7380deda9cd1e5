"""Names as they are typed, converted, cut off or misheard. Our own small tables of pairs; no list is copied."""

from functools import cache

import numpy as np
from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

from data_samples.simulator import name_lists as lists
from data_samples.simulator.defects.kinds import Dirty, Kind, table

DOTS = "•・･‧∙⋅●ᐧ﹒．.。"
GLYPHS = dict(zip("高户青清产吕黄温静真别强", "髙戸靑淸産呂黃溫靜眞別強", strict=True))
SECOND_ROUND = dict(zip("萧肖阎闫傅付戴代", "肖萧闫阎付傅代戴", strict=True))
SHAPES = dict(
    zip(
        "末未己已士土天夫申甲晴睛萍苹杨扬风凤洁结锋峰浩皓宇字永水琳林洋祥玮伟佳住英莹志忠娜那兰三芳芬玲铃军车海梅敏敬",
        "未末已己土士夫天甲申睛晴苹萍扬杨凤风结洁峰锋皓浩字宇水永林琳祥洋伟玮住佳莹英忠志那娜三兰芬芳铃玲车军梅海敬敏",
        strict=True,
    )
)
HALVES = {
    "喆": "吉吉",
    "堃": "方土",
    "祎": "衣韦",
    "玥": "王月",
    "镕": "金容",
    "頔": "由页",
    "龑": "龙天",
    "淼": "水水",
    "燚": "火火",
    "赟": "斌贝",
    "昇": "日升",
    "翀": "羽中",
    "晟": "日成",
    "奭": "大百",
    "媞": "女是",
    "颋": "廷页",
    "彣": "文彡",
    "旻": "日文",
    "曌": "明空",
    "垚": "土土",
    "犇": "牛牛",
    "甯": "宁用",
    "砼": "石仝",
    "濬": "水睿",
    "璟": "王景",
    "琎": "王进",
    "勍": "京力",
    "洺": "水名",
    "䶮": "龙天",
    "㛃": "女洁",
    "彧": "或彡",
    "骞": "寒马",
    "睿": "目谷",
}
RARE = "".join(HALVES)
FULLWIDTH = {chr(code): chr(code + 0xFEE0) for code in range(ord("A"), ord("Z") + 1)}


@cache
def homophones() -> dict[str, list[str]]:
    """Given-name characters by their sound with tone."""
    chars = sorted(set("".join(lists.MALE_GIVEN + lists.FEMALE_GIVEN)))
    sounds: dict[str, list[str]] = {}
    for char, sound in zip(chars, lazy_pinyin(chars, style=Style.TONE3), strict=True):
        sounds.setdefault(sound, []).append(char)
    return {char: [other for other in group if other != char] for group in sounds.values() for char in group if len(group) > 1}


@cache
def converter() -> OpenCC:
    """Simplified to traditional."""
    return OpenCC("s2t")


def swap_one(pairs: dict[str, str], text: str) -> Dirty | None:
    """The first character that has a partner becomes its partner."""
    for place, char in enumerate(text):
        if char in pairs:
            return Dirty(text[:place] + pairs[char] + text[place + 1 :])
    return None


def spaced(text: str, rng: np.random.Generator) -> Dirty | None:
    """A space after the first character, plain or ideographic."""
    return Dirty(text[0] + (" " if rng.random() < 0.6 else "\u3000") + text[1:])


def traditional(text: str, _rng: np.random.Generator) -> Dirty | None:
    """All characters traditional."""
    spoiled = converter().convert(text)
    return None if spoiled == text else Dirty(spoiled)


def homophone(text: str, rng: np.random.Generator) -> Dirty | None:
    """Another character of the same sound in the given name."""
    places = [i for i in range(1, len(text)) if text[i] in homophones()]
    if not places:
        return None
    place = places[int(rng.integers(0, len(places)))]
    others = homophones()[text[place]]
    return Dirty(text[:place] + others[int(rng.integers(0, len(others)))] + text[place + 1 :])


def other_dot(text: str, rng: np.random.Generator) -> Dirty | None:
    """One of a dozen middle dots."""
    return Dirty(text.replace("·", DOTS[int(rng.integers(0, len(DOTS)))]))


def rare(name: str, replacement: str) -> Kind:
    """A rare character becomes a sign."""

    def spoil(text: str, _rng: np.random.Generator) -> Dirty | None:
        return Dirty("".join(replacement if char in RARE else char for char in text))

    return Kind(name, spoil, 0.25, f"[{RARE}]")


def each_rare(text: str, change: dict[str, str]) -> str:
    """Every rare character by a table."""
    return "".join(change.get(char, char) for char in text)


def pinyin_of_rare(text: str, _rng: np.random.Generator) -> Dirty | None:
    """The sound in capital letters."""
    return Dirty("".join(lazy_pinyin(char)[0].upper() if char in RARE else char for char in text))


def fullwidth(text: str, rng: np.random.Generator) -> Dirty | None:
    """The sound in full-width capitals."""
    spoiled = pinyin_of_rare(text, rng)
    return None if spoiled is None or spoiled.text is None else Dirty("".join(FULLWIDTH.get(char, char) for char in spoiled.text))


def private_use(text: str, _rng: np.random.Generator) -> Dirty | None:
    """A vendor's own code point."""
    return Dirty("".join(chr(0xE100 + RARE.index(char)) if char in RARE else char for char in text))


IN_RARE = f"[{RARE}]"
KINDS = table(
    Kind("spaces", spaced, 2.0),
    Kind("traditional", traditional, 1.2),
    Kind("glyph_variant", lambda text, _rng: swap_one(GLYPHS, text), 0.6, f"[{''.join(GLYPHS)}]"),
    Kind("second_round", lambda text, _rng: swap_one(SECOND_ROUND, text), 0.8, f"^[{''.join(SECOND_ROUND)}]"),
    Kind("middle_dot", other_dot, 0.8, "·"),
    Kind("uyghur_cut", lambda text, _rng: Dirty(text.split("·")[0]), 0.5, "·"),
    Kind("homophone", homophone, 3.0),
    Kind("shape_alike", lambda text, _rng: swap_one(SHAPES, text), 1.0, f"[{''.join(SHAPES)}]"),
    rare("rare_question", "?"),
    rare("rare_box", "□"),
    rare("rare_star", "*"),
    rare("rare_mou", "某"),
    Kind("rare_pinyin", pinyin_of_rare, 0.25, IN_RARE),
    Kind("rare_halves", lambda text, _rng: Dirty(each_rare(text, HALVES)), 0.25, IN_RARE),
    Kind("fullwidth_latin", fullwidth, 0.25, IN_RARE),
    Kind("private_use", private_use, 0.25, IN_RARE),
)
