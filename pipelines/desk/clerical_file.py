"""The form that a clerk fills in, CSV or XLSX, and reading it back line by line."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import python_calamine
import xlsxwriter

from pipelines.contracts.worklist import Answer, Blank
from pipelines.errors import UsageError
from pipelines.publish.records import COMPARED
from pipelines.publish.referrals import defused
from pipelines.settings import Text

SAMPLE, NUMBER = Blank("sample", "抽样编号", "Sample"), Blank("question", "题号", "Question")
ANSWER, BY, NOTE = Blank("answer", "是否同一人", "One person?"), Blank("answered_by", "判断人", "Answered by"), Blank("note", "说明", "Note")
SHOWN: Mapping[str, Blank] = {
    blank.name: blank
    for blank in (
        Blank("record", "来源", "Source"), Blank("name", "姓名", "Name"), Blank("former_name", "曾用名", "Former name"), Blank("sex", "性别", "Sex"),
        Blank("birth_date", "出生日期", "Birth date"), Blank("number", "证件号码", "Number"), Blank("old_id_number", "原号码", "Earlier number"),
        Blank("mother_id", "母亲号码", "Mother's number"), Blank("father_id", "父亲号码", "Father's number"),
        Blank("spouse_id", "配偶号码", "Spouse's number"), Blank("division", "区划", "Division"), Blank("address", "地址", "Address"),
    )
}  # fmt: skip
ANSWERS = {a.name: a for a in (Answer("yes", "是", "yes"), Answer("no", "否", "no"), Answer("unsure", "不确定", "unsure"))}
BY_WORD = {word.casefold(): answer.name for answer in ANSWERS.values() for word in (answer.name, answer.zh, answer.en, answer.en[0])}
FIRST, LAST = (SAMPLE, NUMBER, ANSWER), (BY, NOTE)
"""What stands left of the two records, where it stays in sight, and right of them."""
READ_BACK = FIRST + LAST
HEADINGS = {text: blank.name for blank in READ_BACK for text in (blank.name, blank.zh, blank.en)}


MARK = "‹"
"""Where two records differ, a text between ‹ and › begins."""
SHEETS = {"questions": Text(zh="题目", en="Questions"), "help": Text(zh="填写说明", en="How to fill in")}
HELP = (
    Text(
        zh="每一行是两条记录：A 和 B。请判断它们说的是不是同一个人，在“是否同一人”一列选：是、否、不确定。",
        en="Each line holds two records, A and B. Do they speak of one person? Choose in the column “One person?”: yes, no or unsure.",
    ),
    Text(
        zh="只看这一行里写的内容。* 代表被遮盖的字。‹ › 之间（底色为橙）是两条记录不同的地方，即使被遮盖也如此；∅ 代表那里少了内容。",
        en="Go by what the line says only. * stands for a hidden character. Between ‹ and › (on orange) is where the two differ, even where it is "
        "hidden; ∅ stands for something that is missing there.",
    ),
    Text(
        zh="两边都有内容而没有 ‹ › 的，表示两边相同（或是同一写法的变体）。一边空着，表示那条记录没有这一项，不算不同。",
        en="Where both say something and there is no ‹ ›, they say the same (or spell it in two ways). A blank says nothing: it is no difference.",
    ),
    Text(
        zh="出生日期只写到月或年的，是那条记录只知道这么多。父母、子女、双胞胎、同名的人常常很像，请留意性别、出生日期和亲属号码。",
        en="A birth date that ends with the month or year is all that the record knows. Parents, children, twins and namesakes look alike: mind sex, "
        "birth date and the numbers of relatives.",
    ),
    Text(
        zh="拿不准就选“不确定”，不要猜，也不要与别人商量；想说的写在“说明”。各题难易不一，没有规律，也没有标准的是否比例。",
        en="When in doubt choose unsure; don't guess, and don't confer. Remarks go into the note. Easy and hard pairs come in no order, and there is "
        "no right share of yes.",
    ),
    Text(
        zh="请不要改动标题行、抽样编号和题号；行的次序可以变。填好后把文件原样交回（XLSX 或 CSV 均可）。",
        en="Leave headings, sample and question numbers as they are; lines may be sorted. Hand the file back as XLSX or CSV.",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One pair: where its two records come from, and what each says (attribute -> text)."""

    number: int
    sources: tuple[str, str]
    sides: tuple[Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True)
class FilledAnswer:
    """One line of a filled form: its number in the file (the headings are line 1) and its cells."""

    line: int
    sample: str
    question: str
    answer: str
    answered_by: str


def write_questions(files: Sequence[Path], number: str, questions: Sequence[Question], language: str, synthetic: bool) -> None:  # noqa: FBT001
    """Write the form as CSV and XLSX, by suffix; cells that a spreadsheet would compute are defused."""
    rows = [_headings(questions, language), *(_cells(number, question, _attributes(questions)) for question in questions)]
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.suffix == ".csv":
            text = io.StringIO()
            csv.writer(text, lineterminator="\r\n").writerows([[defused(cell) for cell in row] for row in rows])
            path.write_bytes(text.getvalue().encode("utf-8-sig"))
        else:
            _workbook(path, rows, language, "SYNTHETIC" if synthetic else "")
        path.chmod(0o600)


def _attributes(questions: Sequence[Question]) -> list[str]:
    """The attributes that some record says something of."""
    return [name for name, _, _ in COMPARED if any(side.get(name) for question in questions for side in question.sides)]


def _headings(questions: Sequence[Question], language: str) -> list[str]:
    pairs = [f"{getattr(SHOWN[name], language)} {side}" for name in ("record", *_attributes(questions)) for side in "AB"]
    return [*(getattr(blank, language) for blank in FIRST), *pairs, *(getattr(blank, language) for blank in LAST)]


def _cells(number: str, question: Question, attributes: Sequence[str]) -> list[str]:
    values = [side.get(name, "") for name in attributes for side in question.sides]
    return [number, str(question.number), "", *question.sources, *values, "", ""]


def _workbook(path: Path, rows: Sequence[Sequence[str]], language: str, note: str) -> None:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_numbers": False}) as book:
        book.set_properties({"comments": note})
        head = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
        plain, asked = (book.add_format(head | {"bg_color": colour}) for colour in ("#E7EEF0", "#FFF4D6"))
        blank, differs = book.add_format({"bg_color": "#FFFBEF"}), book.add_format({"bg_color": "#FBE3D6"})
        sheet = book.add_worksheet(getattr(SHEETS["questions"], language))
        answer = FIRST.index(ANSWER)
        for place, heading in enumerate(rows[0]):
            sheet.write_string(0, place, heading, asked if place == answer else plain)
        for line, row in enumerate(rows[1:], 1):
            for place, cell in enumerate(row):
                sheet.write_string(line, place, cell, blank if place == answer else differs if MARK in cell else None)
            sheet.write_blank(line, answer, None, blank)
        for place, width in enumerate((11, 6, 12)):
            sheet.set_column(place, place, width)
        sheet.set_column(len(FIRST), len(rows[0]) - 1, 20)
        words = [getattr(word, language) for word in ANSWERS.values()]
        sheet.data_validation(1, answer, max(len(rows) - 1, 1), answer, {"validate": "list", "source": words})
        sheet.freeze_panes(1, len(FIRST))
        told = book.add_worksheet(getattr(SHEETS["help"], language))
        told.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
        for line, text in enumerate([*HELP, note] if note else HELP):
            told.write_string(line, 0, text if isinstance(text, str) else getattr(text, language))


def read_answers(path: Path) -> Iterator[FilledAnswer]:
    """The lines of a filled form, blank ones too.

    Raises:
        UsageError: RC-M20 the file can't be read; RC-M21 headings are missing.
    """
    frame = _frame(path)
    found = {HEADINGS[heading]: heading for heading in frame.columns if heading in HEADINGS}
    missing = [blank.en for blank in (SAMPLE, NUMBER, ANSWER) if blank.name not in found]
    if missing:
        raise UsageError(
            "RC-M21", f"headings are missing: {', '.join(missing)}", where=path.name, todo="Send the form back in the shape it was sent out"
        )
    for line, cells in enumerate(frame.to_dict("records"), 2):
        told = {name: str(cells[heading]).strip().removeprefix("'").strip() for name, heading in found.items()}
        yield FilledAnswer(line, told["sample"], told["question"].removesuffix(".0"), told["answer"].casefold(), told.get("answered_by", ""))


def _frame(path: Path) -> pd.DataFrame:
    try:
        if path.suffix.lower() in {".xlsx", ".xls", ".ods"}:
            return pd.read_excel(path, dtype=str, keep_default_na=False, engine="calamine")
        data = path.read_bytes()
        encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig" if _is_utf8(data) else "gb18030"
        return pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False, encoding=encoding, sep=None, engine="python")
    except FileNotFoundError as error:
        raise UsageError("RC-M20", "there is no such form", where=str(path), todo="Give the filled CSV or XLSX") from error
    except (OSError, ValueError, csv.Error, python_calamine.CalamineError) as error:
        raise UsageError("RC-M20", "the form can't be read", where=path.name, why=type(error).__name__, todo="Give the filled CSV or XLSX") from error


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
