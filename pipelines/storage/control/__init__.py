"""The control database: what happened, who decided what, and which vintage is the current one. See docs/control-database.md."""

from pipelines.storage.control.chain import Anchor, Entry, Problem
from pipelines.storage.control.database import ControlDatabase
from pipelines.storage.control.decisions import NewDecision, RecordRef
from pipelines.storage.control.lock import run_lock
from pipelines.storage.control.vintages import VintageRow

__all__ = ["Anchor", "ControlDatabase", "Entry", "NewDecision", "Problem", "RecordRef", "VintageRow", "run_lock"]
