"""Where one deployment keeps its things on this machine."""

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb

from pipelines.settings import Deployment
from pipelines.storage.sessions import Sessions

ROOT = Path(__file__).resolve().parents[2]
CODE = ("pipelines", "matching", "expectations")
SUFFIXES = {".py", ".yml", ".csv", ".sql", ".j2", ".txt", ".css", ".js"}


@dataclass(frozen=True)
class Workspace:
    """A deployment with its data folder and inbox."""

    deployment: Deployment
    data: Path
    inbox: str

    def _store(self, template: str) -> str:
        return template.replace("{data}", str(self.data))

    @cached_property
    def control_url(self) -> str:
        """SQLAlchemy URL of the control database."""
        return self._store(self.deployment.config.stores.control)

    @cached_property
    def landing(self) -> str:
        """Path or fsspec URL of the landing store."""
        return self._store(self.deployment.config.stores.landing)

    @cached_property
    def vintages(self) -> Path:
        """Folder of the published vintages."""
        return Path(self._store(self.deployment.config.stores.vintages))

    @cached_property
    def work(self) -> Path:
        """Folder of steps' outputs on their way."""
        return Path(self._store(self.deployment.config.stores.work))

    def vintage(self, vintage_id: str) -> Path:
        """Folder of one vintage. The control database knows ids, not paths, so that a data folder can be moved."""
        return self.vintages / vintage_id

    @cached_property
    def _sessions(self) -> Sessions:
        compute = self.deployment.config.compute
        return Sessions(compute.memory_limit, compute.threads, self.data / "spill")

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A session of its own in a DuckDB with the deployment's limits and a spill folder inside the data folder."""
        return self._sessions.open()

    def prepare(self) -> None:
        """Make the folders, closed to other users."""
        for folder in (self.data, self.vintages, self.work):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


@lru_cache(maxsize=1)
def code_version() -> str:
    """Version of the package and a hash of the code that a step's outputs depend on."""
    digest = hashlib.sha256()
    files = (p for part in CODE for p in (ROOT / part).rglob("*") if p.suffix in SUFFIXES)
    for path in sorted(files):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    try:
        number = version("rollcall")
    except PackageNotFoundError:
        number = "0"
    return f"{number}+{digest.hexdigest()[:12]}"
