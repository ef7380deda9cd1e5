"""The benchmark's two versions agree on what is valid, and ours works on distinct values only."""

import json
import subprocess
import sys

import pandas as pd

from benchmarks.standardise import by_pack, by_row, people
from pipelines.locales import load_pack
from tests.locales.tables import DOCS


def test_both_versions_find_the_same_numbers_valid() -> None:
    frame = people(4_000, seed=3)
    assert by_pack(frame) == by_row(frame)


def test_repeated_values_cost_little() -> None:
    """A hundred thousand rows of three names are read as three names: the answers are the very same objects."""
    names = load_pack("zh_CN").names.standardise(pd.Series(["王小明", "买买提．艾山", "王?"] * 40_000))
    assert len({id(value) for value in names["name_fold"]}) == 3


def test_the_last_line_is_json() -> None:
    command = [sys.executable, "-m", "benchmarks.standardise", "--people", "3000", "--rows", "300"]
    done = subprocess.run(command, cwd=DOCS.parent, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["observations"] == 3000
