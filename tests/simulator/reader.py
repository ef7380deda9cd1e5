"""An independent reader of a simulated inbox: standard library and openpyxl only, nothing of the simulator."""

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import openpyxl

ENCODINGS = {
    "police": "gb18030",
    "birth": "utf-8",
    "death": "utf-8",
    "cremation": "gb18030",
    "marriage": "gb18030",
    "school": "utf-8",
    "pension": "gb18030",
    "electricity": "utf-8",
    "census": "utf-8",
}
HEADINGS = {
    "police": "人员编号 户号 与户主关系 姓名 曾用名 性别 民族 出生日期 公民身份号码 原公民身份号码 户籍地行政区划 "
    "户籍地址 婚姻状况 配偶身份号码 父亲姓名 父亲身份号码 母亲姓名 母亲身份号码 出生证编号 登记日期 登记类别 "
    "注销日期 注销类别 死亡日期 更新时间",
    "birth": "出生医学证明编号 新生儿姓名 性别 出生日期时间 胎次 多胞胎序号 医疗机构代码 医疗机构名称 母亲姓名 "
    "母亲证件类别 母亲证件号码 母亲住址 父亲姓名 父亲证件类别 父亲证件号码 签发类别 原证编号 签发日期",
    "death": "证明编号 死者姓名 性别 证件类别 证件号码 出生日期 死亡日期时间 死亡地点 户籍地址 生前常住地址 家属姓名 "
    "家属电话 根本死因ICD编码 签发日期 报告日期 状态",
    "cremation": "火化证编号 逝者姓名 性别 年龄 证件类型 证件号码 死亡日期 火化日期 殡仪馆 户籍地址 经办人姓名 经办人关系 无名遗体标志 死亡证明编号",
    "marriage": "登记字号 登记类型 登记日期 登记机关 男方姓名 男方证件号码 男方出生日期 女方姓名 女方证件号码 女方出生日期 原登记字号",
    "school": "学校标识码 学校名称 全国学籍号 姓名 性别 出生日期 身份证件类型 身份证件号 户口所在地 现住址 年级 入学年月 "
    "学籍状态 监护人姓名 监护人证件号 异动日期",
    "pension": "个人编号 社会保障号码 姓名 性别 出生日期 险种 参保地行政区划 参保状态 待遇状态 待遇开始年月 待遇停止年月 "
    "发放年月 月发放金额 最近认证日期",
    "electricity": "户号 户名 证件号码 用电地址 用电类别 客户状态 立户日期 销户日期 抄表年月 本月电量(kWh)",
    "census": "户编号 与户主关系 姓名 性别 出生年月 公民身份号码 现住地行政区划 户口登记地行政区划 户口登记状况",
}
KEYS = {
    "police": ("人员编号",),
    "birth": ("出生医学证明编号",),
    "death": ("证明编号",),
    "cremation": ("火化证编号",),
    "marriage": ("登记字号",),
    "school": ("全国学籍号", "学校标识码"),
    "pension": ("个人编号",),
    "electricity": ("户号",),
    "census": ("户编号", "与户主关系"),
}
OWN_NUMBERS = {
    "police": ("公民身份号码", "原公民身份号码", "配偶身份号码", "父亲身份号码", "母亲身份号码"),
    "birth": ("母亲证件号码", "父亲证件号码"),
    "death": ("证件号码",),
    "cremation": ("证件号码",),
    "marriage": ("男方证件号码", "女方证件号码"),
    "school": ("身份证件号", "监护人证件号"),
    "pension": ("社会保障号码",),
    "census": ("公民身份号码",),
}
ALIASES = {"新生儿 姓名": "新生儿姓名", "NFXM": "男方姓名", "NVFXM": "女方姓名"}
Row = dict[str, str]


@dataclass(frozen=True)
class Folder:
    """One delivery: where, what the manifest says, and its rows by the contract's headings."""

    path: Path
    manifest: dict[str, object]
    raw: bytes
    headings: list[str]
    rows: list[Row]

    @property
    def date(self) -> str:
        """YYYYMMDD."""
        return self.path.name


def read_workbook(data: bytes) -> tuple[list[str], list[list[str]]]:
    """Headings and rows between the title and the 合计 line; every cell must be text."""
    sheet = openpyxl.load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
    lines = [["" if value is None else value for value in line] for line in sheet.iter_rows(values_only=True)]
    assert all(isinstance(value, str) for line in lines for value in line)
    assert lines[0][0].endswith("SYNTHETIC")
    assert not any(lines[0][1:])
    assert lines[-1][:2] == ["合计", str(len(lines) - 3)]
    return lines[1], lines[2:-1]


def read_text(data: bytes, source: str) -> tuple[list[str], list[list[str]]]:
    """Headings and rows, a footer line left out."""
    text = data.decode(ENCODINGS[source]).removeprefix("\ufeff")
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter="|" if source == "pension" else ",", strict=True))
    body = lines[1:-1] if lines[-1][0] == "合计" else lines[1:]
    return lines[0], body


def read_folder(path: Path) -> Folder:
    """One delivery, its manifest checked against its bytes and rows."""
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    source = manifest["source"]
    rows: list[Row] = []
    headings: list[str] = []
    data = b""
    for part in manifest["files"]:
        data = (path / part["name"]).read_bytes()
        assert len(data) == part["bytes"]
        assert hashlib.sha256(data).hexdigest() == part["sha256"]
        headings, lines = read_workbook(data) if part["name"].endswith(".xlsx") else read_text(data, source)
        assert len(lines) == part["rows"]
        assert all(len(line) == len(headings) for line in lines)
        rows += [{ALIASES.get(name, name): value for name, value in zip(headings, line, strict=True)} for line in lines]
    return Folder(path, manifest, data, headings, rows)


def read_inbox(root: Path) -> dict[str, list[Folder]]:
    """Every delivery by source, in order of date."""
    return {source: [read_folder(path) for path in sorted((root / "inbox" / source).iterdir())] for source in KEYS}


def key_of(source: str, row: Row) -> str:
    """Contract key columns joined by ``|``."""
    return "|".join(row[column] for column in KEYS[source])


def standing(folders: list[Folder], source: str) -> dict[str, Row]:
    """The newest state of every key after all deliveries; a full drops what it does not hold (pension: it keeps)."""
    held: dict[str, Row] = {}
    for folder in folders:
        rows = {key_of(source, row): row for row in folder.rows}
        held = rows if folder.manifest["mode"] == "full" and source != "pension" else {**held, **rows}
    return held


def right_check(text: str) -> bool:
    """GB 11643: weighted sum of 18 characters modulo 11 is 1."""
    if len(text) != 18 or not text[:17].isdigit() or text[17] not in "0123456789X":
        return False
    total = sum((10 if char == "X" else int(char)) * (2 ** (17 - place) % 11) for place, char in enumerate(text))
    return total % 11 == 1
