"""Read one name at a time: clean it, tell its kind, make its keys. Texts that are nothing but two to four plain ideographs don't come here."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from pipelines.locales.distinct import words
from pipelines.locales.zh_CN import characters as tables
from pipelines.locales.zh_CN.pinyin import syllables_of

WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
SPACES = re.compile(r"\s+")
INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
SURROGATES = re.compile(r"[\ud800-\udfff]")
NOTHING = words(
    "无 不详 未知 不明 无名 无名氏 无姓名 姓名不详 身份不明 暂无 没有 空 缺失 待定 未取名 未起名 未命名 无主 无户名 佚名 "
    "NULL NONE NA N/A NAN #N/A UNKNOWN"
)
RANK, RUNNING = "(?:长|次|大|小|幼|[一二三四五六七八九十])?", "[一二三四五六七1-9A-Ea-e甲乙丙]?"
NEWBORN = re.compile(rf"(?P<parent>.+?)之{RANK}(?:子|女|婴|男|男婴|女婴|婴儿|儿|儿子|女儿|孩){RUNNING}")
INFANT = re.compile(r"(?P<parent>.+?)(?:男|女)?婴儿?[1-9A-Ea-e甲乙丙]?")
COMPANY = re.compile(
    r".*有限(?:责任)?公司.*|.{2,}(?:公司|厂|集团|银行|信用社|合作社|学校|小学|中学|大学|学院|幼儿园|医院|卫生院|卫生室|"
    r"委员会|村委会|居委会|村委|居委|政府|中心|商店|超市|酒店|饭店|宾馆|事务所|研究所|派出所|供电所|服务部|经营部|门市部|"
    r"营业部|工程部|项目部|管理处|办事处|管理局|支队|大队|总站|车站|电站|泵站|教会|寺|村民小组)(?:[(（].*[)）])?"
)
TITLE = re.compile(r"(?P<rest>.{1,4}?)(?:先生|女士|小姐|同志|老师|师傅|太太)")
CLAN = re.compile(r".氏")
LATIN_RUN = re.compile(r"[^\W\d_]+(?:['’`´-][^\W\d_]+)*")
KEY_DROPPED = re.compile(r"[\s·.,，'’`´\"“”()（）\[\]【】〔〕{}<>《》/\\-]+")


@dataclass(frozen=True)
class ReadName:
    """One name read: null ``name`` when the cell says nothing."""

    name: str | None
    fold: str | None
    sound: str | None
    kind: str
    parent: str | None = None


@cache
def _dot_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    dots = "[" + re.escape(tables.DOTS) + r"\s]*[" + re.escape(tables.DOTS) + "]" + "[" + re.escape(tables.DOTS) + r"\s]*"
    edge = "[" + re.escape(tables.DOTS.replace("●", "")) + r"\s]+"
    return re.compile(dots), re.compile(f"^{edge}|{edge}$")


def clean(raw: str) -> str:
    """The name as written: width, spaces, invisible characters, middle dots and standard private-use points made right; nothing else.

    No character is exchanged for its simplified form. Cleaning twice changes nothing.
    """
    text = SURROGATES.sub("\ufffd", raw).translate(WIDTH).translate(tables.LEGACY_PRIVATE)
    text = SPACES.sub(" ", INVISIBLE.sub("", text)).strip()
    inner, edge = _dot_patterns()
    text = inner.sub(lambda found: _dot(text, found), text)
    if tables.HAN.search(text):
        text = edge.sub("", text.replace(" ", ""))
    return text.strip()


def _dot(text: str, found: re.Match[str]) -> str:
    """A middle dot between two ideographs; elsewhere the sign stays (``J. Smith``). A lone ● stands for a character in a short name."""
    start, stop = found.span()
    between = start > 0 and stop < len(text) and tables.is_han(text[start - 1]) and tables.is_han(text[stop])
    if not between or (found[0].strip() == "●" and (start < 2 or len(text) - stop < 2)):
        return found[0]
    return "·"


def read(raw: str) -> ReadName:
    """Clean a name and make its kind and keys."""
    name = clean(raw)
    folded = fold(name)
    if not name or name.upper() in NOTHING or not folded or not any(map(_says_something, name)):
        return ReadName(None, None, None, "unknown")
    kind, parent = _kind(name)
    return ReadName(name, folded, sound(name), kind, parent)


def _says_something(character: str) -> bool:
    return character.isalnum() or character in "某" or tables.is_private(character)


def _kind(name: str) -> tuple[str, str | None]:
    han = len(tables.HAN.findall(name))
    if newborn := NEWBORN.fullmatch(name) or INFANT.fullmatch(name):
        return "newborn", newborn["parent"].rstrip("之") or None
    if COMPANY.fullmatch(name):
        return "company", None
    latin = bool(LATIN_RUN.search(tables.HAN.sub(" ", name)))
    if (han and latin) or any(map(stands_in, tables.HAN.sub("", name))) or "某" in name or "囗" in name:
        return "masked", None
    if not han:
        return ("latin" if latin else "unknown"), None
    if han == 1 or TITLE.fullmatch(name) or CLAN.fullmatch(name) or name[-1] == "…":
        return "partial", None
    return ("unknown" if any(c.isdigit() for c in name) and han < 2 else "full"), None


def stands_in(character: str) -> bool:
    """Whether a character stands for one that could not be written: ``?``, □, 某, private use, an emoji."""
    return character in tables.PLACEHOLDERS or tables.is_private(character) or unicodedata.category(character) == "So"


def fold(name: str) -> str:
    """Comparison key: simplified, usual glyphs, no dots or spaces, Latin in capitals without accents."""
    table = tables.fold_map()
    simple = name.translate(table)
    if not tables.HAN.sub("", simple).isascii():
        simple = "".join(c for c in unicodedata.normalize("NFKD", simple) if not unicodedata.combining(c))
    return KEY_DROPPED.sub("", simple.upper().translate(table))


def sound(name: str) -> str | None:
    """Toneless syllables of the likeliest reading, the surname read as one; Latin cut into syllables; ``*`` for a stand-in."""
    spoken: list[str] = []
    for part in tokens(name):
        if part.isascii() or not tables.is_han(part[0]):
            spoken.extend(["*"] if part == "*" else syllables_of(part))
        else:
            spoken.append(reading(part))
    return " ".join(_surname_first(name, spoken)) or None


def reading(character: str) -> str:
    """The likeliest toneless reading, the character itself when none is known."""
    found = tables.characters()
    return found.syllables[found.sound[ord(character)]] or character


def readings_at(token: str, place: int) -> tuple[str, ...]:
    """Readings worth trying for one token: those of the surname in the first place, else the two likeliest; none for Latin."""
    if len(token) > 1 or not tables.is_han(token):
        return ()
    key = token.translate(tables.fold_map())
    if place == 0:
        return tables.surname_readings().get(key) or tables.readings(token)[:1]
    return tables.readings(token)[:2]


def _surname_first(name: str, spoken: list[str]) -> list[str]:
    known = tables.surname_readings()
    if "·" in name or not spoken:
        return spoken
    key = name[:2].translate(tables.fold_map())
    for length in (2, 1):
        if len(name) > length - 1 and known.get(key[:length]) and all(map(tables.is_han, name[:length])):
            return known[key[:length]][0].split() + spoken[length:]
    return spoken


def tokens(name: str) -> list[str]:
    """Cut a name into ideographs, Latin runs and ``*`` for anything that stands for an unknown character."""
    found: list[str] = []
    place = 0
    while place < len(name):
        character = name[place]
        if tables.is_han(character) and character not in tables.PLACEHOLDERS:
            found.append(character)
        elif stands_in(character):
            found.append("*")
        elif run := LATIN_RUN.match(name, place):
            found.append(_before_han(run[0]))
            place += len(found[-1]) - 1
        place += 1
    return found


def _before_han(run: str) -> str:
    """A run of letters up to its first ideograph (ideographs are letters too)."""
    for place, character in enumerate(run):
        if tables.is_han(character) or character in tables.PLACEHOLDERS:
            return run[:place]
    return run
