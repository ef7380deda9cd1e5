"""Named places where a test may stop the process: ``ROLLCALL_FAILPOINT=link.done:kill``. Off = nothing happens."""

import os
import signal

from pipelines.errors import TemporaryError

VARIABLE = "ROLLCALL_FAILPOINT"


def failpoint(name: str) -> None:
    """Stop here when the environment names this point: ``:kill`` as by kill -9, ``:raise`` as a temporary error."""
    wanted, _, mode = os.environ.get(VARIABLE, "").partition(":")
    if wanted != name:
        return
    if mode == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    raise TemporaryError("RC-T99", "stopped at a failpoint", where=name, todo="Run the night again")
