"""Which rules were judged, in a form that two nights can be compared by."""

import hashlib
from dataclasses import astuple

import pandas as pd

from pipelines.reconcile.config import RuleBook

WORDING = {"title", "fires", "legal_basis", "reason", "words", "asks"}
"""What a rule says and not what it finds."""


def rules_judged(book: RuleBook) -> pd.DataFrame:
    """One row per rule (code, version, fingerprint): the same fingerprint means the same rule under the same grace and settings."""
    return pd.DataFrame(
        [{"code": rule.code, "version": rule.version, "fingerprint": _fingerprint(book, rule.code)} for rule in book.rules],
        columns=["code", "version", "fingerprint"],
    )


def _fingerprint(book: RuleBook, code: str) -> str:
    settings = book.config.model_dump_json(exclude={"off"})
    rule = next(rule for rule in book.rules if rule.code == code).model_dump_json(exclude=WORDING)
    grace = sorted(str(astuple(line)) for line in book.grace if line.code == code)
    return hashlib.sha256("\n".join([settings, rule, *grace]).encode()).hexdigest()
