"""Peak memory of a part of the process's life (Linux: VmHWM, reset through clear_refs; elsewhere the process's peak so far)."""

import resource
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"


def reset_peak() -> None:
    """Begin to measure anew, where the system allows it."""
    try:
        CLEAR.write_text(RESET_PEAK)
    except OSError:
        return


def peak_mb() -> int:
    """Peak resident memory since the last reset, in MB."""
    try:
        line = next(x for x in STATUS.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
