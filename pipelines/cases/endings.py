"""Why an open case is no longer found: a register was corrected, our links changed, a rule changed, or only time passed."""

from dataclasses import dataclass
from importlib import resources

import duckdb

from pipelines.cases.machine import EXPLAINED_OUTCOME
from pipelines.step import StepContext
from pipelines.storage.frames import scan


@dataclass(frozen=True)
class Ending:
    """One reason for which a finding is gone. ``outcome`` None: the correction is shown, and the case is verified."""

    name: str
    zh: str
    en: str
    outcome: str | None


ENDINGS: dict[str, Ending] = {
    ending.name: ending
    for ending in (
        Ending("rule_withdrawn", "规则已停用", "the rule was withdrawn", "rule_changed"),
        Ending("rule_changed", "规则、宽限期或设置已变更", "the rule, its grace or its settings changed", "rule_changed"),
        Ending("shown", "后续交付已显示更正", "a later extract shows the correction", None),
        Ending("explained", "已有无害解释", "explained", EXPLAINED_OUTCOME),
        Ending("parted", "我方重新判定关联，记录不再属同一人", "our links were judged anew: its records are no longer one person's", "wrong_link"),
        Ending("joined", "我方重新判定关联，其人另有记录", "our links were judged anew: its person has further records", "wrong_link"),
        Ending(
            "not_due",
            "记录、关联、规则均无变化，按今日的期限与可判断日期不再成立",
            "no row, link or rule changed; grace and horizons of tonight",
            "not_due",
        ),
    )
}
"""The first that holds is the reason, but that a shown correction comes after our links where only another row of the persons was touched.

On the night a rule changes, a row that changed by chance can't be told from a correction: such a night verifies nothing of that rule.
Only ``shown`` verifies a case; the others clear it, each under its own outcome.
"""

HOW = {"changed": "变更", "closed": "注销", "new": "新增"}
"""What a delivery did to a row, and the same in Chinese."""


@dataclass(frozen=True)
class Gone:
    """A row of ``ending``: which of ``ENDINGS``, the rows that show a correction (one a line), the names of the explanations that hold."""

    ending: str
    rows_shown: str | None
    explanation: str | None


def reason(gone: Gone) -> str:
    """The reason in both languages; of a shown correction with the rows that show it, each named by delivery, file and row number.

    Rows and not record keys: a school's record key holds an identity number.
    """
    told = ENDINGS[gone.ending]
    if gone.ending == "explained":
        return f"{told.zh}：{gone.explanation} · {told.en}: {gone.explanation}"
    if told.outcome is not None or not gone.rows_shown:
        return f"{told.zh} · {told.en}"
    rows = [row.split(" ", 1) for row in gone.rows_shown.split("\n")]
    zh, en = "、".join(f"{HOW[how]} {place}" for how, place in rows), ", ".join(" ".join(row) for row in rows)
    return f"{told.zh}：{zh} · {told.en}: {en}"


def find_endings(ctx: StepContext, con: duckdb.DuckDBPyConnection) -> None:
    """Make ``ending`` (case_id, and the columns of ``Gone``). Needs ``standing``, ``placed``, and ``claim`` and ``heir`` of ``match.sql``."""
    con.execute(GONE)
    if not con.execute("SELECT count(*) FROM gone").fetchall()[0][0]:
        con.execute("CREATE TEMP TABLE ending (case_id VARCHAR, ending VARCHAR, rows_shown VARCHAR, explanation VARCHAR)")
        return
    for name, table in {
        "placed_before": "previous.person_records", "rules": "rules_judged", "rules_before": "previous.rules_judged",
    }.items():  # fmt: skip
        con.execute(f"CREATE TEMP VIEW {name} AS SELECT * FROM {scan(ctx.read(table))}")
    _touched(ctx, con)
    con.execute(resources.files("pipelines.cases").joinpath("ending.sql").read_text(encoding="utf-8"))


GONE = """
CREATE TEMP TABLE gone AS
SELECT * FROM standing WHERE state NOT IN ('auto_cleared', 'closed', 'merged') AND case_id NOT IN (SELECT case_id FROM claim)
"""
APPLIED = """
CREATE TEMP TABLE applied AS
SELECT delivery_id, source, business_date, mode FROM ({ledgers}) WHERE status = 'applied'
"""
TOUCHED = """
INSERT INTO touched
WITH brought AS (
    SELECT r.record_key, r.first_seen < a.business_date AS known, r.delivery_id || '/' || r.file || ':' || r.row_number AS place
    FROM {rec} AS r INNER JOIN applied AS a USING (delivery_id)
),
began AS (SELECT record_key, min(first_seen) AS began FROM {rec} WHERE record_key IN (SELECT record_key FROM brought) GROUP BY record_key)
SELECT '{source}', record_key, 'changed', place FROM brought WHERE known
UNION ALL
SELECT '{source}', record_key, 'new', place FROM brought INNER JOIN began USING (record_key)
WHERE NOT known AND began >= (SELECT min(business_date) FROM applied WHERE source = '{source}')
UNION ALL
SELECT '{source}', r.record_key, 'closed', a.delivery_id || ' without ' || r.delivery_id || '/' || r.file || ':' || r.row_number
FROM {rec} AS r INNER JOIN applied AS a ON a.business_date = r.closed_on AND a.mode = 'full' AND a.source = '{source}'
"""


def _touched(ctx: StepContext, con: duckdb.DuckDBPyConnection) -> None:
    """Make ``touched`` (source, record_key, how, place): rows that a delivery applied tonight changed, closed, or brought with a new record.

    What corrects nothing is left out: a further row of a known record, as next month's payment, and every row of a source that says nothing of
    rights and duties, as a meter that is read each month.
    """
    ledgers = " UNION ALL BY NAME ".join(f"SELECT * FROM {scan(path)}" for path in ctx.family("ledger").values())
    con.execute(APPLIED.format(ledgers=ledgers))
    con.execute("CREATE TEMP TABLE touched (source VARCHAR, record_key VARCHAR, how VARCHAR, place VARCHAR)")
    speaking = (s for s in ctx.family("rec") if ctx.deployment.sources[s].covers not in {"utility", "evaluation"})
    for source in speaking:
        path = ctx.read("rec", source)
        con.execute(TOUCHED.format(source=source, rec=scan(path)))
