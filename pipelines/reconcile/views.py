"""The views that rules read, made once per night. Each ``views/<name>.sql`` begins with what its rows are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

from pipelines.contracts.tables import POPULATION
from pipelines.locales import CountryPack, load_pack
from pipelines.reconcile.config import ReconcileConfig, RuleBook
from pipelines.reconcile.horizons import create_horizons
from pipelines.reconcile.persons import create_persons
from pipelines.reconcile.population import create_population
from pipelines.reconcile.registers import REGISTERS, columns_of, create_registers, insert_rows
from pipelines.reconcile.shifted import create_shifted_dates
from pipelines.settings import Deployment, SourceConfig

FOLDER = Path(__file__).parent / "views"
BEFORE_PERSON = ("entry", "observation", "standing", "death_row", "death", "departed", "birth")
AFTER_PERSON = ("pupil", "payment", "wedding", "marriage", "spouse", "activity", "trace", "parent_number")
MADE_HERE: Mapping[str, str] = {
    "run": "One row. night: T, the as-of date.",
    "setting": "Constants of `rules.yml`, one row per name and value.",
    "horizon": "One row per source: register, source, began, delivered_through, reporting_lag_days, horizon, stale_days.",
    "person_record": "person_records with the register that a source plays, and whether it is for evaluation only.",
    "person": "The table `persons`: best value per field, death date, mother and father, live entries.",
    "population": "Population accounts by division and police delivery (table `population`).",
    "shifted_date": "Pairs of birth dates that are one day in two calendars: written, meant.",
    "look_alike": "Records of different persons with one full name and birth date: obs_id, person_id, register, other_person_id, other_register.",
    "refused_pair": "Pairs of two persons' records that linking thought possible and refused: ids, registers, persons, probability.",
}
"""Views without a file of SQL."""


@dataclass(frozen=True)
class NightInputs:
    """The night's tables as SQL relations (a table's name, or a scan of a file). ``rec``: by source."""

    night: date
    rec: Mapping[str, str]
    obs: tuple[str, ...]
    ledgers: tuple[str, ...]
    links: str
    person_records: str
    previous_police: str = ""
    previous_ledger: str = ""
    previous_population: str = ""


def statement(name: str) -> str:
    """The SQL of a view, without its comment."""
    return "\n".join(line for line in (FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines() if not line.startswith("--"))


def description(name: str) -> str:
    """What a view's rows are."""
    lines = (FOLDER / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return " ".join(line.removeprefix("--").strip() for line in lines if line.startswith("--"))


def register_inputs(con: duckdb.DuckDBPyConnection, inputs: NightInputs, sources: Mapping[str, SourceConfig], config: ReconcileConfig) -> None:
    """Create ``run``, ``setting``, ``rec_<register>``, ``obs``, ``links``, ``ledger`` and ``person_record`` over the night's files."""
    con.execute("CREATE OR REPLACE TABLE run AS SELECT CAST(? AS DATE) AS night", [inputs.night])
    con.execute("CREATE OR REPLACE TABLE setting (name VARCHAR, value VARCHAR)")
    insert_rows(con, "setting", [(name, value) for name, values in config.constants.items() for value in values])
    create_registers(con, inputs.rec, config.registers)
    con.execute(f"CREATE OR REPLACE VIEW obs AS SELECT * FROM ({_union(inputs.obs)})")
    con.execute(f"CREATE OR REPLACE VIEW ledger AS SELECT DISTINCT * FROM ({_union(inputs.ledgers)})")
    con.execute(f"CREATE OR REPLACE VIEW links AS SELECT * FROM {inputs.links}")
    con.execute("CREATE OR REPLACE TABLE known_source (register VARCHAR, source VARCHAR, evaluation_only BOOLEAN)")
    played = {source: register for register, source in {**{r: r for r in REGISTERS}, **config.registers}.items()}
    insert_rows(con, "known_source", [(played.get(name, name), name, source.evaluation_only) for name, source in sources.items()])
    con.execute(
        f"""CREATE OR REPLACE TABLE person_record AS
            SELECT k.register, p.source, p.record_key, p.role, p.person_id, p.tier, p.probability, k.evaluation_only
            FROM {inputs.person_records} AS p INNER JOIN known_source AS k ON k.source = p.source"""
    )
    _register_previous(con, inputs)


def _register_previous(con: duckdb.DuckDBPyConnection, inputs: NightInputs) -> None:
    """What the parent vintage held: ``previous_entry``, ``previous_through``, ``previous_population``; empty on the first night."""
    con.execute("CREATE OR REPLACE TABLE previous_entry (record_key VARCHAR, division VARCHAR, registered_on DATE, live BOOLEAN)")
    con.execute("CREATE OR REPLACE TABLE previous_through (starts_on DATE)")
    con.execute(f"CREATE OR REPLACE TABLE previous_population ({POPULATION.ddl()})")
    if inputs.previous_police and "division" in columns_of(con, inputs.previous_police):
        con.execute(
            f"""INSERT INTO previous_entry
                SELECT record_key, division, registered_on, closed_on IS NULL AND cancellation_kind IS NULL AND cancelled_on IS NULL
                FROM {inputs.previous_police}"""
        )
    if inputs.previous_ledger:
        con.execute(
            f"""INSERT INTO previous_through
                SELECT max(l.business_date) FROM {inputs.previous_ledger} AS l INNER JOIN known_source AS k ON k.source = l.source
                WHERE k.register = 'police' AND l.status = 'applied'"""
        )
    if inputs.previous_population:
        con.execute(f"INSERT INTO previous_population BY NAME SELECT * FROM {inputs.previous_population}")


def prepare(con: duckdb.DuckDBPyConnection, deployment: Deployment, book: RuleBook) -> None:
    """Make every view that rules read, from the registered inputs."""
    pack = load_pack(deployment.config.country, deployment.config.country_options)
    create_horizons(con, deployment.sources)
    create_numbers(con, pack)
    create_views(con, BEFORE_PERSON)
    con.execute("DROP TABLE number_told")
    create_persons(con, book.config)
    create_views(con, AFTER_PERSON)
    create_shifted_dates(con, pack)
    create_refused_pairs(con)
    create_look_alikes(con)
    create_population(con, pack)


def create_numbers(con: duckdb.DuckDBPyConnection, pack: CountryPack) -> None:
    """Make ``number_told`` (id_number, birth_date, sex): what each valid resident number says of its holder; nulls where it says nothing."""
    numbers = con.execute(
        "SELECT DISTINCT id_number FROM obs WHERE id_valid AND id_kind IN ('resident', 'resident15') AND id_number IS NOT NULL ORDER BY 1"
    ).df()
    told = pack.numbers.parse(numbers["id_number"])
    frame = numbers.assign(birth_date=pd.to_datetime(told["birth_date"]).astype("datetime64[s]"), sex=told["sex"].astype(object))
    con.register("told_frame", frame)
    con.execute(
        "CREATE OR REPLACE TABLE number_told AS SELECT id_number, CAST(birth_date AS DATE) AS birth_date, CAST(sex AS VARCHAR) AS sex FROM told_frame"
    )
    con.unregister("told_frame")


def create_views(con: duckdb.DuckDBPyConnection, names: tuple[str, ...]) -> None:
    """Make the named views as tables, in order."""
    for name in names:
        con.execute(f"CREATE OR REPLACE TABLE {name} AS {statement(name)}")


def create_refused_pairs(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``refused_pair``: both directions of each refused link between records of two persons, with probability of at least 0.01."""
    con.execute(
        """CREATE OR REPLACE TABLE refused_pair AS
           WITH pair AS (
               SELECT obs_id_l AS obs_id, obs_id_r AS other_id, probability FROM links WHERE NOT accepted AND probability >= 0.01
               UNION ALL
               SELECT obs_id_r, obs_id_l, probability FROM links WHERE NOT accepted AND probability >= 0.01
           )
           SELECT p.obs_id, a.person_id, a.register, p.other_id, b.person_id AS other_person_id, b.register AS other_register, p.probability
           FROM pair AS p
           INNER JOIN observation AS a ON a.obs_id = p.obs_id
           INNER JOIN observation AS b ON b.obs_id = p.other_id
           WHERE a.person_id <> b.person_id"""
    )


def create_look_alikes(con: duckdb.DuckDBPyConnection) -> None:
    """Make ``look_alike``: each record with the records of other persons that bear its full name and birth date.

    Where more than 40 records share them, they say nothing (a common name, and 1 January).
    """
    con.execute(
        """CREATE OR REPLACE TABLE look_alike AS
           WITH named AS (
               SELECT obs_id, person_id, register, name_fold, birth_date
               FROM observation
               WHERE name_kind = 'full' AND birth_precision = 'day'
           ),
           several AS (
               SELECT name_fold, birth_date FROM named GROUP BY name_fold, birth_date HAVING min(person_id) <> max(person_id) AND count(*) <= 40
           ),
           alike AS (
               SELECT n.* FROM named AS n INNER JOIN several AS s ON s.name_fold = n.name_fold AND s.birth_date = n.birth_date
           )
           SELECT DISTINCT a.obs_id, a.person_id, a.register, b.person_id AS other_person_id, b.register AS other_register
           FROM alike AS a
           INNER JOIN alike AS b ON b.name_fold = a.name_fold AND b.birth_date = a.birth_date AND b.person_id <> a.person_id"""
    )


def _union(relations: tuple[str, ...]) -> str:
    return " UNION ALL BY NAME ".join(f"SELECT * FROM {relation}" for relation in relations)
