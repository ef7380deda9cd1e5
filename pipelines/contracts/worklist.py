"""The work list: what a department is asked about one of its records, and the blanks that it fills in.

Publish writes lists in this shape, one line per case and own record; the import of answers reads them back. Between the two
stand the record's own key and name columns, under the department's own headings.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Blank:
    """One column of a work list: its name in JSON, and its headings for people (Chinese, English)."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True)
class Answer:
    """One answer that a department may give. ``corrected``: the register was or will be changed."""

    name: str
    zh: str
    en: str
    corrected: bool = False


CASE_ID = Blank("case_id", "案件编号", "Case")
ASKED = (
    Blank("code", "规则代码", "Rule"),
    Blank("title", "规则", "Title"),
    Blank("severity", "程度", "Severity"),
    Blank("role", "角色", "Role"),
    Blank("since", "起始日期", "Since"),
    Blank("due_on", "答复期限", "Due"),
    Blank("question", "请核查", "Question"),
)
"""What is asked; written by us, not read back."""

ANSWERED = (
    Blank("answer", "核查结果", "Answer"),
    Blank("answered_on", "核查日期", "Answered on"),
    Blank("answered_by", "经办人", "Answered by"),
    Blank("note", "说明", "Note"),
)
"""Blank until the department fills them in. ``answer`` is one of ``ANSWERS`` by name or heading; dates are YYYY-MM-DD."""

ANSWERS = {
    answer.name: answer
    for answer in (
        Answer("corrected", "已更正", "corrected", corrected=True),
        Answer("error_here", "本登记有误、将更正", "our register is wrong and will be corrected", corrected=True),
        Answer("error_elsewhere", "本登记无误、错在他处", "our register is right; the other is wrong"),
        Answer("other_person", "并非同一人", "not the same person"),
        Answer("lawful_exception", "合法例外", "lawful exception"),
        Answer("lag", "已办理、尚在报送途中", "done and on its way"),
        Answer("suspected_fraud", "涉嫌冒领或欺诈", "suspected fraud"),
        Answer("cannot_tell", "无法判断", "cannot tell"),
    )
}
"""Answers by name. No heading holds a comma: spreadsheets offer them as a list to choose from, 255 characters in all."""
