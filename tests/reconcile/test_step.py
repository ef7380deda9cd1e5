"""The step as the flow runs it: files in, files out, the same bytes whatever the threads and the row order."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pipelines import reconcile
from pipelines.contracts.tables import CLEARED, FINDING_DETAILS, FINDINGS, HORIZONS, LAGS, PERSONS, POPULATION, RULES_JUDGED
from pipelines.reconcile.examples import Case, fill_tables
from pipelines.settings import load_deployment
from pipelines.step import RunPin, StepContext
from pipelines.storage.frames import connect, empty, quoted, table_hash

DEPLOYMENT = load_deployment(Path(__file__).parents[2] / "deployments" / "yunzhou")
WRITTEN = (PERSONS, HORIZONS, LAGS, POPULATION, RULES_JUDGED, FINDINGS, FINDING_DETAILS, CLEARED)
NUMBER = "880105197003120019"
CASE = Case(
    code="T01",
    case="a small town",
    kind="fires",
    night=date(2026, 3, 1),
    rows={
        "police": [
            {"key": "E1", "person": "P1", "name": "王甲", "division": "880105"},
            {"key": "E2", "person": "P2", "id_number": NUMBER},
            {"key": "E3", "person": "P3", "id_number": NUMBER},
        ],
        "death": [{"key": "D1", "person": "P1", "died_on": date(2026, 1, 1)}],
        "birth": [
            {"key": "B1", "child": "P4", "mother": "P5", "born_on": date(2026, 1, 20)},
            {"key": "B2", "child": "P6", "born_on": date(2025, 1, 20)},
        ],
        "census": [{"key": "H1", "person": "P9", "name": "王乙"}],
    },
    through={},
    before=(),
    refused=(),
    finds=(),
    cleared=(),
)


def run(folder: Path, *, threads: int = 2, order: str = "") -> Path:
    """Run the step on the small town; ``order`` shuffles every input."""
    inputs, out = folder / "in", folder / "out"
    for path in (inputs, out):
        path.mkdir(parents=True)
    con = connect(threads=1)
    fill_tables(con, CASE, DEPLOYMENT)
    files = {}

    def write(name: str, relation: str) -> None:
        files[name] = inputs / f"{name}.parquet"
        con.execute(f"COPY (SELECT * FROM {relation} {order}) TO {quoted(files[name])} (FORMAT parquet)")

    for source in DEPLOYMENT.sources:
        write(f"rec_{source}", f"t_rec_{source}")
        write(f"previous.rec_{source}", f"t_rec_{source} WHERE FALSE")
        write(f"obs_{source}", f"t_obs WHERE source = '{source}'")
        write(f"ledger_{source}", f"t_ledger WHERE source = '{source}'")
    for name, relation in {"links": "t_links", "person_records": "t_person_records", "previous.ledger": "t_ledger WHERE FALSE"}.items():
        write(name, relation)
    con.close()
    files["previous.population"] = inputs / "previous.population.parquet"
    empty(POPULATION, files["previous.population"])
    declared = frozenset(table.name for table in WRITTEN)
    pin = RunPin(CASE.night, "R1", None, "c", "v")
    reconcile.run(StepContext(pin, DEPLOYMENT, files, out, declared, connect=lambda: connect(threads=threads)))
    return out


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(tmp_path_factory.mktemp("plain"))


def test_every_table_has_its_contracts_columns(out: Path) -> None:
    for table in WRITTEN:
        assert tuple(pd.read_parquet(out / f"{table.name}.parquet").columns) == table.names


def test_findings_of_the_small_town(out: Path) -> None:
    findings = pd.read_parquet(out / "findings.parquet").sort_values("code")
    assert findings["code"].tolist() == ["B01", "B01", "D01", "I02"]
    assert sorted(findings["status"]) == ["open", "open", "open", "watch"]
    assert findings["finding_id"].str.fullmatch(r"F[0-9A-HJKMNP-TV-Z]{12}").all()


def test_no_identity_number_leaves_the_step_but_in_the_person_table(out: Path) -> None:
    for table in WRITTEN:
        if table is not PERSONS:
            assert NUMBER not in pd.read_parquet(out / f"{table.name}.parquet").to_csv()


def test_census_opens_nothing(out: Path) -> None:
    assert "census" not in pd.read_parquet(out / "findings.parquet")["records"].map(str).str.cat()


def test_threads_and_row_order_do_not_matter(out: Path, tmp_path: Path) -> None:
    other = run(tmp_path, threads=1, order="ORDER BY ALL DESC")
    for table in WRITTEN:
        assert table_hash(out / f"{table.name}.parquet") == table_hash(other / f"{table.name}.parquet")
        assert (out / f"{table.name}.parquet").read_bytes() == (other / f"{table.name}.parquet").read_bytes()
