"""One DuckDB for a whole run: opening one costs some 20 ms of processor time, a session in it one."""

import weakref
from itertools import count
from pathlib import Path

import duckdb

from pipelines.storage.frames import OBS_ID_MACRO, connect


class Sessions:
    """Connections to one in-memory DuckDB, each with a catalogue of its own, so that no two see each other's tables.

    They share the memory limit, the threads and the spill folder. What a session made is freed once nobody holds its connection any more.
    """

    def __init__(self, memory_limit: str, threads: int, spill: Path) -> None:
        self._root = connect(memory_limit, threads, spill)
        # Files would else stay in memory after the step that read them, up to the limit.
        self._root.execute("SET enable_external_file_cache = false")
        self._numbers = count(1)

    def open(self) -> duckdb.DuckDBPyConnection:
        """A connection as ``frames.connect`` gives it: empty, with the macro ``obs_id``."""
        con, catalogue = self._root.cursor(), f"session_{next(self._numbers)}"
        con.execute(f"ATTACH ':memory:' AS {catalogue}")
        con.execute(f"USE {catalogue}")
        con.execute(OBS_ID_MACRO)
        con.execute("SET enable_progress_bar = false")
        weakref.finalize(con, self._root.execute, f"DETACH {catalogue}").atexit = False
        return con
