"""The report that a training is reviewed by: what each level is worth before and after, what would change; in Chinese and in English."""

from collections.abc import Mapping
from typing import Any

from matching import LinkageModel
from pipelines.desk.vintages import Rows
from pipelines.settings import Text

MUCH = 3.0
"""Bits from which on a change of weight is pointed out, as is any change of sign."""

SENTENCES: tuple[Text, ...] = (
    Text(
        zh="候选模型 {after[name]} 第 {after[version]} 版（哈希 {after[hash]}）由第 {before[version]} 版（{before[hash]}）训练而来，尚未启用。",
        en="Candidate {after[name]} version {after[version]} (hash {after[hash]}), from version {before[version]} ({before[hash]}); not deployed.",
    ),
    Text(
        zh="训练数据：{about[deployment]} {about[night]} 夜的数据版本 {about[vintage]}，{about[records]:,} 条记录合成 {about[profiles]:,} 份概要。",
        en="Training data: vintage {about[vintage]} of {about[deployment]}, night {about[night]}: "
        "{about[profiles]:,} profiles of {about[records]:,} records.",
    ),
    Text(
        zh="用新旧模型各重跑一夜：链接 {changes[links_before]:,} → {changes[links_after]:,}"
        "（新增 {changes[links_gained]:,}，失去 {changes[links_lost]:,}）。",
        en="One night rehearsed with either model: links {changes[links_before]:,} -> {changes[links_after]:,} "
        "({changes[links_gained]:,} gained, {changes[links_lost]:,} lost).",
    ),
    Text(
        zh="人员 {changes[persons_before]:,} → {changes[persons_after]:,}（合并 {changes[persons_merged]:,}，拆分 {changes[persons_split]:,}）；"
        "{changes[records]:,} 条记录中 {changes[records_moved]:,} 条改属他人。",
        en="Persons {changes[persons_before]:,} -> {changes[persons_after]:,} "
        "({changes[persons_merged]:,} merged, {changes[persons_split]:,} split); "
        "{changes[records_moved]:,} of {changes[records]:,} records would speak of another person.",
    ),
    Text(
        zh="{much} 个水平的权重变化达 {limit:g} 比特以上或改变方向，审核时请逐一查看。",
        en="{much} levels changed by {limit:g} bits or more, or changed sides; look at each when reviewing.",
    ),
)  # fmt: skip
HEADS = Text(
    zh="比较项 | 水平 | m 前 | m 后 | u 前 | u 后 | 权重前 | 权重后 | ",
    en="comparison | level | m before | m after | u before | u after | bits before | bits after | ",
)
TITLE = Text(zh="模型训练前后对比", en="A training, before and after")
UNTAUGHT = Text(
    zh="没有规则能教 {names}（规则学不到自身所用的列），其 m 值不变；请另给一条 --block。",
    en="No rule could teach {names}, as a rule says nothing of its own columns; m stays there. Give another --block.",
)
DECISION = Text(
    zh="{kind}：{decisions} 项决定（其中 {joined_by_sure_tiers} 项已由前几层连接）；旧模型自行连接 {linked_before} 项，新模型 {linked_after} 项。",
    en="{kind}: {decisions} decisions ({joined_by_sure_tiers} joined by sure tiers anyway); "
    "linked by the old model itself {linked_before}, by the new {linked_after}.",
)  # fmt: skip


def weights_of(before: LinkageModel, after: LinkageModel) -> Rows:
    """One row per level that says something: m, u and weight (bits) under both models, and whether the change asks for a look."""
    rows: Rows = []
    for old, new in zip(before.comparisons, after.comparisons, strict=True):
        for was, now in zip(old.levels, new.levels, strict=True):
            if now.is_null:
                continue
            bits = round(was.weight, 2), round(now.weight, 2)
            rows.append(
                {
                    "comparison": new.name, "level": now.name, "label_zh": now.label.zh, "label_en": now.label.en,
                    "m_before": was.m, "m_after": now.m, "u_before": was.u, "u_after": now.u, "bits_before": bits[0], "bits_after": bits[1],
                    "look": abs(bits[1] - bits[0]) >= MUCH or bits[0] * bits[1] < 0,
                }
            )  # fmt: skip
    return rows


def told(report: Mapping[str, Any], language: str) -> list[str]:
    """The report in sentences."""
    more = {"much": sum(row["look"] for row in report["weights"]), "limit": MUCH}
    lines = [getattr(text, language).format(**report, **more) for text in SENTENCES]
    if report["untaught"]:
        lines.append(getattr(UNTAUGHT, language).format(names=", ".join(report["untaught"])))
    return lines + [getattr(DECISION, language).format(**row) for row in report["decisions"]]


def as_markdown(report: Mapping[str, Any]) -> str:
    """The whole report, Chinese first, then English."""
    parts = []
    for language in ("zh", "en"):
        lines = [f"# {getattr(TITLE, language)}", "", *(f"- {line}" for line in report["sentences"][language]), ""]
        head = getattr(HEADS, language)
        lines += [f"| {head}|", "|" + "---|" * (head.count("|") + 1)]
        lines += [_line(row, row[f"label_{language}"]) for row in report["weights"]]
        parts.append("\n".join(lines))
    described = "\n".join(f"- {name}: {value}" for name, value in report["training"].items())
    return "\n\n".join([*parts, "## training", described]) + "\n"


def _line(row: Mapping[str, Any], label: str) -> str:
    numbers = " | ".join(f"{row[name]:.4g}" for name in ("m_before", "m_after", "u_before", "u_after"))
    return f"| {row['comparison']} | {label} | {numbers} | {row['bits_before']:+.1f} | {row['bits_after']:+.1f} | {'!' if row['look'] else ''} |"
