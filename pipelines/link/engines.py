"""Can this machine run the deployment's linkage engine? Asked before anything is read, so that no night stops half-way for want of a package."""

import os
import shutil
from importlib.util import find_spec

from matching.engines import ENGINES
from pipelines.errors import ConfigError


def require_engine(name: str) -> str:
    """Say that the engine can run.

    Raises:
        ConfigError: RC-C32 its package or Java isn't there.
    """
    package = ENGINES[name][2]
    if find_spec(package.partition("[")[0]) is None:
        extra = "pip install 'rollcall[spark]'" if name == "spark" else f"pip install '{package}'"
        raise ConfigError("RC-C32", f"the engine {name} can't run here", why=f"the package {package} isn't installed", todo=extra)
    if name == "spark" and not _java():
        todo = "Install Java 17 or newer (Debian: apt-get install default-jre-headless), or give JAVA_HOME"
        raise ConfigError("RC-C32", "the engine spark can't run here", why="there is no java on this machine", todo=todo)
    return "can run here"


def _java() -> bool:
    """Whether Spark would find Java, where it looks for it."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{home}/bin" if home else None) is not None
