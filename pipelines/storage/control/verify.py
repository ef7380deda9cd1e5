"""Does the control database still say what was written? The chain, what the chain says of the case history, and the cases as they stand."""

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from pipelines.storage.control.chain import Anchor, Entry, Problem, verify_chain
from pipelines.storage.control.schema import AUDIT, CASE_EVENTS, CASES, VINTAGES
from pipelines.storage.control.transaction import events_digest


def read_entries(con: sa.Connection) -> Iterator[Entry]:
    """The chain in order, without holding it in memory."""
    for row in con.execution_options(yield_per=1000).execute(sa.select(AUDIT).order_by(AUDIT.c.seq)).mappings():
        yield Entry(**row)


def verify(con: sa.Connection, anchors: list[Anchor]) -> list[Problem]:
    """Every problem found, the chain's first; an empty list says that all is as it was written."""
    chain = list(verify_chain(read_entries(con), anchors))
    return [*chain, *_events_as_sealed(con), *_cases_as_told(con), *_beyond_the_end(con)]


def _events_as_sealed(con: sa.Connection) -> Iterator[Problem]:
    """The case history against the hashes that the audit entries hold of it."""
    sealed: dict[int, tuple[int, str]] = {}
    for seq, payload in con.execute(sa.select(AUDIT.c.seq, AUDIT.c.payload).where(AUDIT.c.payload.contains('"events_sha256"'))):
        said: dict[str, Any] = json.loads(payload)
        sealed[seq] = (said["events"], said["events_sha256"])
    query = sa.select(CASE_EVENTS).order_by(CASE_EVENTS.c.audit_seq, CASE_EVENTS.c.case_id, CASE_EVENTS.c.version)
    for seq, group in groupby(con.execution_options(yield_per=1000).execute(query).mappings(), key=itemgetter("audit_seq")):
        events = [dict(row) for row in group]
        if sealed.pop(seq, None) != (len(events), events_digest(events)):
            yield Problem("RC-A07", seq, f"the {len(events)} case events under this entry are not those that it sealed")
    for seq, (count, _) in sealed.items():
        yield Problem("RC-A07", seq, f"the {count} case events that this entry sealed are gone")


def _cases_as_told(con: sa.Connection) -> Iterator[Problem]:
    """Each case's state and version against the last event of its history."""
    last: dict[str, tuple[int, str]] = {}
    for case, version, state in con.execute(sa.select(CASE_EVENTS.c.case_id, CASE_EVENTS.c.version, CASE_EVENTS.c.state_after)):
        last[case] = max(last.get(case, (0, "")), (version, state))
    for case, version, state in con.execute(sa.select(CASES.c.case_id, CASES.c.version, CASES.c.state)):
        if last.pop(case, None) != (version, state):
            yield Problem("RC-A08", 0, f"case {case} stands otherwise than its history tells")
    for case in last:
        yield Problem("RC-A08", 0, f"case {case} has a history but is gone")


def _beyond_the_end(con: sa.Connection) -> Iterator[Problem]:
    """Vintages that were published under entries that the chain no longer has."""
    known = sa.select(AUDIT.c.object).where(AUDIT.c.action == "vintage.published")
    published = {obj.removeprefix("vintage/") for (obj,) in con.execute(known)}
    listed: defaultdict[str, int] = defaultdict(int, con.execute(sa.select(VINTAGES.c.vintage_id, VINTAGES.c.audit_seq)).all())
    for vintage in sorted(published ^ set(listed)):
        yield Problem("RC-A09", listed[vintage], f"vintage {vintage} stands in the chain or in the list of vintages, not in both")


def export_chain(con: sa.Connection, path: Path) -> int:
    """Write the chain as JSON lines, one entry a line, for the stand-alone verifier. Gives the number of entries."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, entry in enumerate(read_entries(con), start=1):  # noqa: B007 - the count outlives the loop
            file.write(json.dumps(vars(entry), ensure_ascii=False) + "\n")
    return count
