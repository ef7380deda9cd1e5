"""Setting a deployment up: copying the sample one, and checking a folder as a whole."""

import re
import shutil
from pathlib import Path
from typing import Any

from pipelines.desk.checks import checks_of
from pipelines.desk.vintages import Rows
from pipelines.errors import ConfigError, UsageError
from pipelines.flow import STEPS
from pipelines.night.workspace import ROOT
from pipelines.settings import load_deployment

NAME = re.compile(r"^[a-z_][a-z0-9_]{0,62}$")


def init_deployment(name: str, into: Path) -> Path:
    """Copy the sample deployment to ``into/name`` under its own name.

    Raises:
        UsageError: the name is not an identifier, or the folder exists.
    """
    if not NAME.match(name):
        raise UsageError("RC-U05", f"'{name}' is not a deployment's name", todo="Use lower-case letters, digits and _, beginning with a letter")
    folder = into / name
    if folder.exists():
        raise UsageError("RC-U06", "the folder exists", where=str(folder), todo="Give another name")
    shutil.copytree(ROOT / "deployments" / "yunzhou", folder)
    main = folder / "deployment.yml"
    text = main.read_text(encoding="utf-8")
    text = re.sub(r"^name: .*$", f"name: {name}", text, count=1, flags=re.MULTILINE)
    text = re.sub(
        r"^# The sample deployment.*$", f"# Deployment '{name}', copied from the sample. Change what differs.", text, count=1, flags=re.MULTILINE
    )
    main.write_text(text, encoding="utf-8")
    return folder


def validate_config(folder: Path) -> dict[str, Any]:
    """Check every file of a deployment folder.

    Raises:
        ConfigError: names each wrong file, line and key.
    """
    deployment = load_deployment(folder)
    checks: Rows = [{"what": "deployment.yml and sources", "found": f"{len(deployment.sources)} sources"}]
    problems = []
    for what, check in checks_of(deployment):
        try:
            checks.append({"what": what, "found": check()})
        except ConfigError as error:
            problems.append(error)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ConfigError("RC-C10", "; ".join(p.line() for p in problems), where=str(folder), todo="Mend them and check again")
    checks.append({"what": "steps", "found": " ".join(s.name for s in STEPS)})
    return {"deployment": deployment.config.name, "config_hash": deployment.config_hash, "checks": checks}
