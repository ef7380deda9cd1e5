#!/usr/bin/env python3
"""Verify Rollcall's audit chain without Rollcall. Needs nothing but Python's standard library.

    python verify_audit.py chain.jsonl                    a chain written by 'rollcall verify-audit --export'
    python verify_audit.py control.sqlite                 the SQLite control database itself, case history included
    python verify_audit.py control.sqlite --anchors DIR   and the heads that published vintages (DIR/*/run.json) recorded

Every entry must carry the next number, the hash of the entry before it, sha256 of its payload, and sha256 of itself. An anchor must
be found in the chain, or the chain was cut or replaced by an older copy. Prints what is wrong; ends with 0 (verified), 6 (not) or 2 (usage).
"""

import argparse
import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIELDS = ("seq", "at", "actor", "action", "object", "payload", "payload_hash", "previous_hash", "hash")
EVENT_FIELDS = ("case_id", "version", "night", "event", "state_before", "state_after", "actor", "reason", "finding_id")
LATER_FIELD = "due_on"
"""Sealed after the others, where the event has one."""
FIRST = "0" * 64


def sha256(value: Any) -> str:
    """Of a text, or of a list written as compact JSON."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def open_database(path: Path) -> sqlite3.Connection:
    """The SQLite file, for reading only."""
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True)


def entries(path: Path, *, database: bool) -> Iterator[dict[str, Any]]:
    """The chain's entries in the order of the file, or of their numbers in the database."""
    if not database:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
        return
    for row in open_database(path).execute(f"SELECT {', '.join(FIELDS)} FROM audit ORDER BY seq"):
        yield dict(zip(FIELDS, row, strict=True))


def anchors(folder: Path) -> list[tuple[int, str, str]]:
    """(count, hash, vintage) of every vintage that noted the head of the chain."""
    found = []
    for path in sorted(folder.glob("*/run.json")):
        head = json.loads(path.read_text(encoding="utf-8")).get("audit_head")
        if head:
            found.append((int(head["count"]), head["hash"], path.parent.name))
    return found


def check_chain(chain: list[dict[str, Any]]) -> Iterator[str]:
    """Numbers, links, payloads, entries."""
    before = FIRST
    for number, entry in enumerate(chain, 1):
        seq = entry["seq"]
        if seq != number:
            yield f"place {number}: holds entry {seq}; an entry was removed, added or moved"
        if entry["previous_hash"] != before:
            yield f"entry {seq}: does not follow from the one before it"
        if entry["payload_hash"] != sha256(entry["payload"]):
            yield f"entry {seq}: its payload was changed"
        if entry["hash"] != sha256([entry[f] for f in FIELDS if f not in {"payload", "hash"}]):
            yield f"entry {seq}: its content was changed"
        before = entry["hash"]


def check_anchors(chain: list[dict[str, Any]], noted: list[tuple[int, str, str]]) -> Iterator[str]:
    """Each recorded head against the chain."""
    for count, digest, vintage in noted:
        if count > len(chain):
            yield f"vintage {vintage} recorded {count} entries, the chain has {len(chain)}: it was cut, or an old copy was put back"
        elif (chain[count - 1]["hash"] if count else FIRST) != digest:
            yield f"vintage {vintage} recorded another entry {count}: the chain was rewritten, or is another copy"


def check_events(path: Path, chain: list[dict[str, Any]]) -> Iterator[str]:
    """The case history in the database against the hashes that the chain holds of it."""
    lines: dict[int, list[str]] = {}
    database = open_database(path)
    kept = {name for _, name, *_ in database.execute("PRAGMA table_info(case_events)")}
    later = LATER_FIELD if LATER_FIELD in kept else "NULL"
    query = f"SELECT audit_seq, {', '.join(EVENT_FIELDS)}, {later} FROM case_events ORDER BY case_id, version"
    for seq, *event, due in database.execute(query):
        told = event if due is None else [*event, due]
        lines.setdefault(seq, []).append(json.dumps(told, ensure_ascii=False, separators=(",", ":")))
    for entry in chain:
        payload = json.loads(entry["payload"])
        events = lines.pop(entry["seq"], [])
        sealed = payload.get("events_sha256")
        if sealed != (sha256("\n".join(events)) if events else None):
            yield f"entry {entry['seq']}: the {len(events)} case events under it are not those that it sealed"
    for seq, events in lines.items():
        yield f"{len(events)} case events stand under entry {seq}, which the chain doesn't have"


def main(arguments: list[str]) -> int:
    """Verify, print, and give the exit code."""
    parser = argparse.ArgumentParser(description="Verify Rollcall's audit chain.")
    parser.add_argument("chain", type=Path, help="chain.jsonl, or the SQLite control database")
    parser.add_argument("--anchors", type=Path, help="folder of published vintages")
    given = parser.parse_args(arguments)
    if not given.chain.is_file():
        print(f"no such file: {given.chain}", file=sys.stderr)
        return 2
    database = given.chain.read_bytes()[:15] == b"SQLite format 3"
    try:
        chain = list(entries(given.chain, database=database))
        problems = list(check_chain(chain))
        problems += check_anchors(chain, anchors(given.anchors) if given.anchors else [])
        problems += check_events(given.chain, chain) if database else []
    except (ValueError, KeyError, TypeError, sqlite3.DatabaseError) as error:
        problems, chain = [f"not readable as a chain: {type(error).__name__}"], []
    for problem in problems:
        print(problem)
    print(f"{len(chain)} entries, {len(problems)} problems, head {chain[-1]['hash'] if chain else FIRST}")
    return 6 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
