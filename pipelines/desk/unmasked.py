"""Looking behind the mask: who may, and what stays of it. A look needs a name and a reason, and both stand in the audit chain."""

from dataclasses import dataclass

from pipelines.errors import UsageError
from pipelines.flow import clock
from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase


@dataclass(frozen=True)
class Look:
    """Who looks, and why; ``unmasked`` false is a look at masked values, which anyone at the desk may take."""

    unmasked: bool = False
    by: str = ""
    reason: str = ""

    def allow(self, workspace: Workspace, thing: str) -> None:
        """Write an unmasked look at ``thing`` (``person/P...``, ``sample/S...``) into the audit chain.

        Raises:
            UsageError: RC-M05 a name or a reason is missing.
        """
        if not self.unmasked:
            return
        if not (self.by.strip() and self.reason.strip()):
            raise UsageError(
                "RC-M05", "an unmasked look needs a name and a reason", where=thing, todo="Give --by and --reason; both go into the audit chain"
            )
        ControlDatabase(workspace.control_url).note("looked", thing, self.by.strip(), {"reason": self.reason.strip()}, clock())
