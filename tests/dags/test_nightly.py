"""The DAG is the same night: it loads without a database, has the flow's steps in order, and makes the same vintage as the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.flow import STEPS

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data_samples" / "yunzhou"
NIGHTS = json.loads((SAMPLES / "nights.json").read_text())

RUN_DAG = """
import json, sys
from airflow.utils import db
db.initdb()
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(dag_folder=sys.argv[1])
assert bag.import_errors == {}, bag.import_errors
run = bag.dags["nightly_reconciliation"].test(run_conf={"night": sys.argv[2]})
print("STATE", json.dumps({t.task_id + (f"[{t.map_index}]" if t.map_index >= 0 else ""): str(t.state) for t in run.get_task_instances()}))
"""


def airflow_environment(home: Path, data: Path) -> dict[str, str]:
    """Airflow on SQLite in a folder of the test's, with our DAGs and nothing else."""
    return os.environ | {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "PYTHONPATH": str(ROOT),
        "ROLLCALL_DATA": str(data),
        "ROLLCALL_INBOX": str(SAMPLES / "inbox"),
        "ROLLCALL_DEPLOYMENT": str(ROOT / "deployments" / "yunzhou"),
    }


@pytest.fixture(scope="module")
def dag_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Path]:
    """States of the DAG's tasks for the first sample night, and its data folder."""
    home, data = tmp_path_factory.mktemp("airflow"), tmp_path_factory.mktemp("dag") / "data"
    done = subprocess.run(
        [sys.executable, "-c", RUN_DAG, str(ROOT / "dags"), NIGHTS[0]],
        cwd=ROOT, env=airflow_environment(home, data), capture_output=True, text=True, timeout=400, check=False,
    )  # fmt: skip
    states = [line.removeprefix("STATE ") for line in done.stdout.splitlines() if line.startswith("STATE ")]
    assert states, done.stderr[-4000:]
    return json.loads(states[0]), data


def test_every_task_succeeds(dag_run: tuple[dict[str, str], Path]) -> None:
    states, _ = dag_run
    assert {name for name, state in states.items() if state != "success"} <= {"say_verdict"}
    sources = 9
    for step in STEPS:
        mapped = [name for name in states if name.split("[")[0] == step.name]
        assert len(mapped) == (sources if step.per_source else 1), step.name


def test_the_vintage_is_the_command_lines(dag_run: tuple[dict[str, str], Path], tmp_path: Path) -> None:
    by_dag = [p.name for p in (dag_run[1] / "vintages").iterdir()]
    subprocess.run(
        [sys.executable, "-m", "pipelines", "run", "--date", NIGHTS[0], "--data", str(tmp_path / "data"), "--inbox", str(SAMPLES / "inbox")],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    assert [p.name for p in (tmp_path / "data" / "vintages").iterdir()] == by_dag
