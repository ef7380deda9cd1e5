"""Cases: tonight's findings against the cases that stand. Raise, keep, verify, close, reopen, escalate; every move from ``machine.MOVES``."""

from pipelines.cases.matching import open_book
from pipelines.cases.night import work
from pipelines.cases.terms import load_terms
from pipelines.contracts.tables import CASE_EVENTS, CASES
from pipelines.step import StepContext
from pipelines.storage.frames import write_frame, write_table

AFTERWARDS = """
SELECT
    a.*,
    CASE WHEN a.refreshed THEN t.person_ids ELSE s.person_ids END AS person_ids,
    CASE WHEN a.refreshed THEN t.records ELSE s.records END AS records
FROM afterwards AS a
LEFT JOIN standing AS s ON s.case_id = a.case_id
LEFT JOIN tonight AS t ON t.finding_id = a.finding_id
"""


def run(ctx: StepContext) -> None:
    """The step ``cases``: reads findings, the rows and links that tell why one is gone, and the pinned cases; writes cases and events.

    The same night again, over its own result, raises nothing and changes nothing.
    """
    with ctx.connect() as con:
        book = open_book(ctx, con)
        ctx.progress(1, 3, "matched")
        afterwards, events = work(book, ctx.run.night, load_terms(ctx.deployment))
        ctx.progress(2, 3, "worked")
        con.register("afterwards", afterwards.drop(columns=["moved", "ending", "rows_shown", "explanation", "home_of"]))
        write_table(con, AFTERWARDS, CASES, ctx.write("cases"))
        write_frame(events, CASE_EVENTS, ctx.write("case_events"), con)
    ctx.progress(3, 3, "written")
