"""Follow docs/add-a-country.md literally: write the files it shows, run the commands it shows, and find what it says."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pipelines.locales import load_pack
from tests.locales.tables import DOCS, table

PAGE = DOCS / "add-a-country.md"
ROOT = DOCS.parent
FILE = re.compile(r"`(?P<path>[\w./-]+\.(?:yml|csv|json))`[^`\n]*:\n\n```\w+\n(?P<text>.*?)\n```", re.DOTALL)
STEP = re.compile(rf"{FILE.pattern}|^\$ (?P<command>[^\n]*)$", re.DOTALL | re.MULTILINE)


def follow(folder: Path) -> list[str]:
    """Do what the page says, in its order, in a new folder; gives the commands that ran."""
    done = []
    for step in STEP.finditer(PAGE.read_text("utf-8")):
        if step["path"]:
            path = folder / step["path"]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step["text"] + "\n", encoding="utf-8", newline="\n")
        else:
            run(step["command"], folder)
            done.append(step["command"])
    return done


def run(command: str, folder: Path) -> None:
    words = shlex.split(command)
    if words[0] == "rollcall":
        words = [sys.executable, "-m", "pipelines", *words[1:]]
    result = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=environment())
    assert result.returncode in (0, 4), f"{command}\n{result.stdout}\n{result.stderr}"


def environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("ROLLCALL_")} | {"PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def vintage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country")
    commands = follow(folder)
    assert [command.split()[:2] for command in commands][-2:] == [["rollcall", "run"], ["rollcall", "report"]]
    return next((folder / "data" / "vintages").iterdir())


def test_the_findings_are_those_of_the_page(vintage: Path) -> None:
    want = table("add-a-country.md", "certificate", "entry", "finding").dropna(subset=["finding"])
    findings = pd.read_parquet(vintage / "findings.parquet")
    entries = [{r["record_key"] for r in records if r["source"] == "residents"} for records in findings["records"]]
    found = {(code, key) for code, keys in zip(findings["code"], entries, strict=True) for key in keys}
    assert found == set(zip(want["finding"], want["entry"], strict=True))


def test_the_dead_are_linked_to_their_entries(vintage: Path) -> None:
    want = table("add-a-country.md", "certificate", "entry", "finding").dropna(subset=["certificate"])
    records = pd.read_parquet(vintage / "person_records.parquet")
    person = dict(zip(records["record_key"], records["person_id"], strict=True))
    assert all(person[certificate] == person[entry] for certificate, entry in zip(want["certificate"], want["entry"], strict=True))
    assert len(set(person.values())) == 12


def test_every_option_is_on_the_page() -> None:
    """The table of options names every key of the generic pack."""
    from pipelines.locales.generic.options import GenericOptions

    text = " ".join(table("add-a-country.md", "option", "says")["option"])
    parts = GenericOptions.model_fields
    keys = {key for part in ("names", "numbers", "dates", "places") for key in parts[part].annotation.model_fields} - {"name"}
    assert {key for key in keys if not re.search(rf"\b{key}\b", text)} == set()


def test_the_country_of_the_page_reads_its_cells() -> None:
    from ruamel.yaml import YAML

    shown = next(step for step in FILE.finditer(PAGE.read_text("utf-8")) if step[1].endswith("deployment.yml"))
    pack = load_pack("generic", YAML(typ="safe").load(shown[2])["country_options"])
    residents = next(step for step in FILE.finditer(PAGE.read_text("utf-8")) if step[1].endswith("residents.csv"))
    numbers = pack.numbers.parse(pd.Series([line.rsplit('"', 2)[0].split(",")[-3] for line in residents[2].splitlines()[1:]]))
    assert numbers["valid"].sum() == 11
    assert pack.places.same(pd.Series(["A3"]), pd.Series(["A2"])).all()
