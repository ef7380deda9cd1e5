"""The README's commands run as written, one after the other, in an empty folder."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PLACEHOLDER = "P0123456789AB"


def commands() -> list[list[str]]:
    """Lines of code blocks that begin with ``rollcall``."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines() if line.startswith("rollcall ")]


def test_the_commands_run(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "deployments", tmp_path / "deployments")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pipelines", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    ran = 0
    for _, *arguments in commands():
        if PLACEHOLDER in arguments:
            cases = json.loads(run("cases", "list", "--data", "out/data", "--json").stdout)["cases"]
            person = next(c["person_ids"][0] for c in cases if c["person_ids"])
            arguments = [person if a == PLACEHOLDER else a for a in arguments]
        done = run(*arguments)
        allowed = {0, 2} if arguments[0] == "doctor" else {0, 4}
        assert done.returncode in allowed, f"{arguments}: {done.stderr}"
        ran += 1
    assert ran >= 6


def test_the_links_lead_somewhere() -> None:
    for page in (README, (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")):
        for target in re.findall(r"\]\(([^)#:]+)\)", page):
            assert (ROOT / target).exists(), target
