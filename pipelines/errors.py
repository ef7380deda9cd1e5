"""One family of errors. Each carries a stable code, and says what, where, why and what to do next.

::

    RollcallError                exit  1   a fault of ours
    |- UsageError                exit  2   wrong command or option
    |- ConfigError               exit  2   a deployment file is wrong (file, line, key)
    |- DeliveryError             exit  3   a delivery can't be taken (refused or held)
    |- HeldError                 exit  3   a gate holds a source
    |- QuarantineError           exit  4   done, but too many rows were kept out
    |- BusyError                 exit  5   another run holds the lock
    |- AuditError                exit  6   the audit chain does not verify
    `- TemporaryError            exit 75   try again: lost connection, changed input, disk

No message holds a personal value: it names files, rows, keys, columns and codes.
"""

from typing import ClassVar


class RollcallError(Exception):
    """A fault with a stable code, a place and a next step."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, what: str, *, where: str = "", why: str = "", todo: str = "") -> None:
        self.code, self.what, self.where, self.why, self.todo = code, what, where, why, todo
        super().__init__(self.line())

    def line(self) -> str:
        """All on one line: ``RC-D03 police/20260131: hash differs. Why. What to do.``"""
        head = f"{self.code} {self.where}: {self.what}" if self.where else f"{self.code} {self.what}"
        return ". ".join(part.rstrip(".") for part in (head, self.why, self.todo) if part) + "."

    def as_dict(self) -> dict[str, str | int]:
        """For ``--json``."""
        return {
            "code": self.code,
            "what": self.what,
            "where": self.where,
            "why": self.why,
            "todo": self.todo,
            "exit_code": self.exit_code,
        }


class UsageError(RollcallError):
    """A command or option is wrong."""

    exit_code = 2


class ConfigError(RollcallError):
    """A file of the deployment folder is wrong."""

    exit_code = 2


class DeliveryError(RollcallError):
    """A delivery can't be taken."""

    exit_code = 3


class HeldError(RollcallError):
    """A gate holds a source until two people override it or a better delivery comes."""

    exit_code = 3


class QuarantineError(RollcallError):
    """The run is done, but more rows were kept out than the soft limit allows."""

    exit_code = 4


class BusyError(RollcallError):
    """Another run holds the lock."""

    exit_code = 5


class AuditError(RollcallError):
    """The audit chain does not verify."""

    exit_code = 6


class TemporaryError(RollcallError):
    """Trying again later can help."""

    exit_code = 75
