"""The audit chain, without a database: each entry holds the hash of the one before it.

An entry's hash is sha256 over the compact JSON list ``[seq, at, actor, action, object, payload_hash, previous_hash]`` in UTF-8,
``payload_hash`` is sha256 of the payload text, and the first entry's ``previous_hash`` is 64 zeros. An **anchor** is the chain's length and
head hash as a published vintage recorded it outside the database; it shows a tail that was cut and an old copy that was put back.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One audited act. ``payload`` is compact JSON and holds no personal value."""

    seq: int
    at: str
    actor: str
    action: str
    object: str
    payload: str
    payload_hash: str
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class Anchor:
    """The chain as it was when something outside the database took note of it."""

    count: int
    hash: str
    where: str = ""

    def as_dict(self) -> dict[str, int | str]:
        """For ``run.json``."""
        return {"count": self.count, "hash": self.hash}


@dataclass(frozen=True)
class Problem:
    """One way in which the chain does not verify."""

    code: str
    seq: int
    what: str


def digest(text: str) -> str:
    """sha256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def seal(seq: int, at: str, actor: str, action: str, obj: str, payload: str, previous_hash: str) -> Entry:
    """The entry that follows ``previous_hash``."""
    payload_hash = digest(payload)
    return Entry(
        seq, at, actor, action, obj, payload, payload_hash, previous_hash, _entry_hash(seq, at, actor, action, obj, payload_hash, previous_hash)
    )


def _entry_hash(*parts: int | str) -> str:
    return digest(json.dumps(parts, ensure_ascii=False, separators=(",", ":")))


def verify_chain(entries: Iterable[Entry], anchors: Iterable[Anchor] = ()) -> Iterator[Problem]:
    """Everything that is wrong with a chain, in order. No problem: nothing was changed, removed, swapped or cut since the last anchor."""
    waiting = sorted(anchors, key=lambda a: a.count)
    previous, expected = GENESIS, 1
    hashes = {0: GENESIS}
    for entry in entries:
        if entry.seq != expected:
            yield Problem("RC-A01", entry.seq, f"entry {expected} is missing or out of order; {entry.seq} stands in its place")
        if entry.previous_hash != previous:
            yield Problem("RC-A02", entry.seq, "does not follow from the entry before it")
        if digest(entry.payload) != entry.payload_hash:
            yield Problem("RC-A03", entry.seq, "its payload was changed")
        if entry.hash != _entry_hash(entry.seq, entry.at, entry.actor, entry.action, entry.object, entry.payload_hash, entry.previous_hash):
            yield Problem("RC-A04", entry.seq, "its content was changed")
        hashes[entry.seq] = entry.hash
        previous, expected = entry.hash, entry.seq + 1
    for anchor in waiting:
        if anchor.count not in hashes:
            yield Problem("RC-A05", anchor.count, f"the chain ends before the entry that {anchor.where or 'an anchor'} recorded: cut, or an old copy")
        elif hashes[anchor.count] != anchor.hash:
            yield Problem("RC-A06", anchor.count, f"differs from what {anchor.where or 'an anchor'} recorded: rewritten, or another copy")


def read_anchors(vintages: Path) -> list[Anchor]:
    """The anchors that published vintages hold: ``<vintage>/run.json``, key ``audit_head``."""
    found = []
    for path in sorted(vintages.glob("*/run.json")):
        head: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")).get("audit_head")
        if head:
            found.append(Anchor(int(head["count"]), str(head["hash"]), path.parent.name))
    return found
