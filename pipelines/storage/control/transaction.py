"""What every write goes through: one transaction, one time stamp, and an audit entry for each act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.errors import UsageError
from pipelines.storage.control.chain import GENESIS, Entry, digest, seal
from pipelines.storage.control.rows import Row, canonical
from pipelines.storage.control.schema import AUDIT, CASE_EVENTS

EVENT_COLUMNS = ("case_id", "version", "night", "event", "state_before", "state_after", "actor", "reason", "finding_id")
LATER = "due_on"
"""Sealed after the others where there is one, so that what was sealed before it was kept holds."""
SEAL = ("events", "events_sha256")
"""What an audit payload says of the case events under it."""


@dataclass(frozen=True)
class Transaction:
    """An open write. ``at`` is the caller's clock, ISO 8601; nothing here reads one."""

    con: sa.Connection
    at: str

    @property
    def today(self) -> date:
        """The date of ``at``."""
        return datetime.fromisoformat(self.at).date()

    def rows(self, query: sa.Select[Any]) -> list[Row]:
        """A query's rows as plain dicts."""
        return [dict(row) for row in self.con.execute(query).mappings()]

    def insert(self, table: sa.Table, rows: Sequence[Row]) -> None:
        """Add rows; a key that stands already is an error of the database."""
        if rows:
            self.con.execute(sa.insert(table), list(rows))

    def merge(self, table: sa.Table, rows: Sequence[Row], *, replace: bool = True) -> None:
        """Add rows; a row whose key stands already is replaced, or left as it is. Columns that the rows don't name keep their values."""
        if not rows:
            return
        keys = [c.name for c in table.primary_key.columns]
        dialect = postgresql if self.con.dialect.name == "postgresql" else sqlite
        insert = dialect.insert(table)
        changed = {name: insert.excluded[name] for name in rows[0] if name not in keys}
        kept = insert.on_conflict_do_nothing(index_elements=keys)
        self.con.execute(insert.on_conflict_do_update(index_elements=keys, set_=changed) if replace else kept, list(rows))

    def audit(self, action: str, obj: str, actor: str, payload: Mapping[str, Any], events: Sequence[Row] = ()) -> int:
        """Append to the chain; gives the entry's seq. ``events`` (rows of ``case_events``) are stored under it; its payload seals their hash."""
        last = self.con.execute(sa.select(AUDIT.c.seq, AUDIT.c.hash).order_by(AUDIT.c.seq.desc()).limit(1)).first()
        seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
        seal_of_events = dict(zip(SEAL, (len(events), events_digest(events)), strict=True)) if events else {}
        entry = seal(seq, utc(self.at), actor, action, obj, canonical({**payload, **seal_of_events}), previous)
        self.insert(AUDIT, [vars(entry)])
        self.insert(CASE_EVENTS, [{"vintage_id": None, **event, "at": utc(self.at), "audit_seq": seq} for event in events])
        return seq


def utc(at: str) -> str:
    """A time stamp in UTC to the microsecond, so that texts sort as times do. A stamp without offset is taken for UTC.

    Raises:
        UsageError: not an ISO 8601 time stamp.
    """
    try:
        stamp = datetime.fromisoformat(at)
    except ValueError as error:
        raise UsageError("RC-S05", "the time stamp is not ISO 8601", todo="Give it as 2026-01-31T02:00:00+08:00") from error
    stamp = stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    return stamp.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def events_digest(events: Sequence[Mapping[str, Any]]) -> str:
    """sha256 over one compact JSON list per event (``EVENT_COLUMNS``, then ``LATER``), ordered by case and version, joined by line feeds."""
    ordered = sorted(events, key=lambda e: (e["case_id"], e["version"]))
    return digest("\n".join(canonical(_sealed(event)) for event in ordered))


def _sealed(event: Mapping[str, Any]) -> list[Any]:
    later = [] if event.get(LATER) is None else [str(event[LATER])]
    return [str(event[column]) if column == "night" else event[column] for column in EVENT_COLUMNS] + later


def last_entry(con: sa.Connection) -> Entry | None:
    """The end of the chain."""
    row = con.execute(sa.select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(1)).mappings().first()
    return Entry(**row) if row else None


def require(text: str | None, what: str) -> str:
    """A given text, without surrounding spaces.

    Raises:
        UsageError: it is missing or blank.
    """
    if text is None or not text.strip():
        raise UsageError("RC-S06", f"{what} is needed", todo=f"Give {what}; it stands in the audit trail")
    return text.strip()


def same_person(one: str, other: str) -> bool:
    """Whether two accounts are one: case and surrounding spaces make no second person."""
    return one.strip().casefold() == other.strip().casefold()
