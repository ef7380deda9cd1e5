"""Runs: which nights were started, how they ended."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from pipelines.step import RunPin
from pipelines.storage.control.rows import canonical
from pipelines.storage.control.schema import RUNS
from pipelines.storage.control.transaction import Transaction, utc

NIGHT = "rollcall"
"""The actor of what no person did."""


def start_run(tx: Transaction, pin: RunPin) -> None:
    """Note that a run began; a run that is taken up again after a kill keeps its row."""
    row = {"run_id": pin.run_id, "night": pin.night, "parent": pin.parent, "config_hash": pin.config_hash, "code_version": pin.code_version}
    empty = dict.fromkeys(("finished_at", "exit_code", "code", "timings"))
    tx.merge(RUNS, [row | empty | {"started_at": utc(tx.at), "status": "running"}])
    tx.audit("run.started", f"run/{pin.run_id}", NIGHT, row)


def finish_run(tx: Transaction, run_id: str, status: str, exit_code: int, code: str, timings: Mapping[str, Any]) -> None:
    """Note how a run ended."""
    end = {"status": status, "exit_code": exit_code, "code": code}
    tx.con.execute(sa.update(RUNS).where(RUNS.c.run_id == run_id).values(**end, finished_at=utc(tx.at), timings=canonical(timings)))
    tx.audit("run.finished", f"run/{run_id}", NIGHT, end)
