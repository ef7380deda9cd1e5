"""Example tables: each rule's ``<code>.cases.yml`` beside it, read by people as documentation and run as tests.

A case writes only what matters. Every other cell is null; every source has delivered through the night unless ``through`` says otherwise;
rows share a person where they say so; each is held to its person by a certain link, unless ``link`` or ``alone`` says otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML

from pipelines.contracts.tables import LEDGER, LINKS, OBS, PERSON_RECORDS, REC
from pipelines.errors import ConfigError
from pipelines.reconcile.config import RuleBook, load_rule_book
from pipelines.reconcile.findings import find_all
from pipelines.reconcile.rule import Rule
from pipelines.reconcile.views import NightInputs, prepare, register_inputs
from pipelines.settings import Deployment, SourceConfig
from pipelines.storage.frames import connect

NIGHT = date(2026, 3, 1)
SEEN = date(2026, 1, 31)
KINDS = ("fires", "silent", "null", "grace day", "day after", "stale", "weak link", "cleared")
"""Kinds of case. Every rule shows fires, silent and null; those with grace, horizons or explanations show these too."""
TYPES = {"date": "DATE", "datetime": "DATE", "month": "DATE", "int": "BIGINT", "decimal": "DECIMAL(14,2)", "bool": "BOOLEAN"}
ROW_WORDS = ("key", "row", "person", "link", "first_seen", "changed_on", "closed_on", "id_kind", "id_valid", "id_reasons", "birth_precision", "alone")


@dataclass(frozen=True)
class Case:
    """One example: rows per source, how far the sources have reported, what is found and what is cleared."""

    code: str
    case: str
    kind: str
    night: date
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    through: Mapping[str, date | None]
    before: Sequence[Mapping[str, Any]]
    refused: Sequence[Mapping[str, Any]]
    finds: Sequence[Mapping[str, Any]]
    cleared: Sequence[Mapping[str, Any]]


def read_cases(path: Path, sources: Sequence[str]) -> tuple[Case, ...]:
    """The cases of one file."""
    tree = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    known = {"case", "kind", "night", "through", "before", "refused", "finds", "cleared", *sources}
    cases = []
    for entry in tree:
        unknown = set(entry) - known
        if unknown or entry["kind"] not in KINDS:
            raise ValueError(f"{path.name}: case '{entry.get('case')}' holds {sorted(unknown) or entry['kind']}")
        cases.append(
            Case(
                code=path.name.split(".")[0],
                case=entry["case"],
                kind=entry["kind"],
                night=entry.get("night", NIGHT),
                rows={s: entry[s] for s in sources if s in entry},
                through=entry.get("through", {}),
                before=entry.get("before", ()),
                refused=entry.get("refused", ()),
                finds=entry.get("finds", ()),
                cleared=entry.get("cleared", ()),
            )
        )
    return tuple(cases)


def prepared(case: Case, deployment: Deployment, book: RuleBook) -> duckdb.DuckDBPyConnection:
    """A connection that holds every view over a case's rows; the caller closes it."""
    con = connect(memory_limit="1GB", threads=1)
    fill_tables(con, case, deployment)
    inputs = NightInputs(
        case.night, {s: f"t_rec_{s}" for s in deployment.sources}, ("t_obs",), ("t_ledger",), "t_links", "t_person_records", *_before(con, case)
    )
    register_inputs(con, inputs, deployment.sources, book.config)
    prepare(con, deployment, book)
    return con


def run_case(rule: Rule, case: Case, deployment: Deployment, book: RuleBook) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Run one rule on one case.

    Returns:
        The findings (columns of FINDINGS and FINDING_DETAILS) and the cleared ones, as dictionaries sorted by subject.
    """
    con = prepared(case, deployment, book)
    find_all(con, RuleBook(book.config, (rule,), tuple(g for g in book.grace if g.code == rule.code)), deployment.config.name)
    found = _dicts(con, "SELECT * FROM finding ORDER BY subject_key")
    cleared = _dicts(con, "SELECT * FROM cleared ORDER BY explanation, finding_id")
    con.close()
    return found, cleared


def disagreements(rule: Rule, case: Case, deployment: Deployment, book: RuleBook) -> list[str]:
    """What a case's table says and the rule doesn't do; empty when they agree."""
    found, cleared = run_case(rule, case, deployment, book)
    where = f"{case.code}, {case.case}"
    told = [str(c["explanation"]) for c in cleared]
    wanted = [str(c["explanation"]) for c in case.cleared]
    wrong = [f"{where}: cleared {told}, not {wanted}"] if told != wanted else []
    if len(found) != len(case.finds):
        return [*wrong, f"{where}: {len(found)} findings, not {len(case.finds)}"]
    for finding, expected in zip(found, case.finds, strict=True):
        wrong += [
            f"{where}: {name} is {_seen(finding, name)}, not {value}" for name, value in expected.items() if not _agrees(_seen(finding, name), value)
        ]
    return wrong


def _seen(finding: Mapping[str, Any], name: str) -> Any:
    if name == "records":
        return ["/".join((r["source"], r["record_key"], r["role"])) for r in finding["records"]]
    return finding["subject_key" if name == "subject" else name]


def _agrees(seen: Any, wanted: Any) -> bool:
    if isinstance(wanted, int | float) and seen is not None:
        return abs(float(seen) - float(wanted)) < 1e-9
    return bool(seen == wanted)


def check_rules(deployment: Deployment) -> list[str]:
    """Run the example tables of a deployment folder's own rules (``rules/<code>.yml``); what disagrees, and rules without a table.

    Raises:
        ConfigError: a rule, ``rules.yml`` or ``grace.csv`` is wrong.
    """
    book = load_rule_book(deployment)
    folder = deployment.folder / "rules"
    wrong: list[str] = []
    for rule in book.rules:
        if (folder / f"{rule.code}.yml").is_file():
            table = folder / f"{rule.code}.cases.yml"
            cases = read_cases(table, tuple(deployment.sources)) if table.is_file() else ()
            wrong += [f"{rule.code}: no example table {table.name}"] if not cases else []
            wrong += [line for case in cases for line in disagreements(rule, case, deployment, book)]
    return wrong


def examples_hold(deployment: Deployment) -> str:
    """What :func:`check_rules` found, in a few words.

    Raises:
        ConfigError: RC-R09 a rule doesn't do what its table says, or has none.
    """
    wrong = check_rules(deployment)
    if wrong:
        raise ConfigError("RC-R09", "; ".join(wrong), where=str(deployment.folder / "rules"), todo="Mend the rule, or its table")
    return f"{len(list((deployment.folder / 'rules').glob('*.cases.yml')))} tables agree"


def _before(con: duckdb.DuckDBPyConnection, case: Case) -> tuple[str, str]:
    """``before``: the household entries of the night before (key, division, registered_on, cancelled_on)."""
    con.execute(
        """CREATE TABLE t_before (
               record_key VARCHAR, division VARCHAR, registered_on DATE, closed_on DATE, cancellation_kind VARCHAR, cancelled_on DATE)"""
    )
    con.execute("CREATE TABLE t_ledger_before AS SELECT * FROM t_ledger WHERE FALSE")
    for row in case.before:
        _insert(con, "t_before", {"record_key": row["key"], **{k: v for k, v in row.items() if k != "key"}})
    if case.before:
        _insert(con, "t_ledger_before", {"source": "police", "business_date": case.night - timedelta(days=1), "status": "applied"})
    return "t_before", "t_ledger_before"


def _dicts(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    result = con.execute(sql)
    names = [d[0] for d in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def fill_tables(con: duckdb.DuckDBPyConnection, case: Case, deployment: Deployment) -> None:
    """Make ``t_rec_<source>``, ``t_obs``, ``t_ledger``, ``t_links`` and ``t_person_records`` of a case."""
    for table in (OBS, LEDGER, LINKS, PERSON_RECORDS):
        con.execute(f"CREATE TABLE t_{table.name} ({table.ddl()})")
    for name, source in deployment.sources.items():
        con.execute(f"CREATE TABLE t_rec_{name} ({REC.ddl()}, {_canonical_ddl(source)})")
        for row in case.rows.get(name, ()):
            _add_row(con, source, row)
        through = case.through.get(name, case.night)
        if through is not None:
            _insert(con, "t_ledger", {"delivery_id": name, "source": name, "business_date": through, "status": "applied", "night": through})
    for pair in case.refused:
        left, right = (str(pair[side]).split("/") for side in ("left", "right"))
        con.execute(
            """INSERT INTO t_links BY NAME SELECT least(a, b) AS obs_id_l, greatest(a, b) AS obs_id_r, 3 AS tier, 'example' AS rule, 0 AS weight,
                   ? AS probability, '' AS model_hash, FALSE AS accepted FROM (SELECT obs_id(?, ?, ?) AS a, obs_id(?, ?, ?) AS b)""",
            [pair["probability"], *left, *right],
        )


def _canonical_ddl(source: SourceConfig) -> str:
    columns = []
    for column in source.columns.values():
        columns.append(f'"{column.name}" {TYPES.get(column.type, "VARCHAR")}')
        if column.type == "id_number":
            columns += [f'"{column.name}_kind" VARCHAR', f'"{column.name}_valid" BOOLEAN', f'"{column.name}_reasons" VARCHAR']
        if column.type == "address":
            columns += [f'"{column.name}_key" VARCHAR', f'"{column.name}_division" VARCHAR']
    return ", ".join(columns)


def _add_row(con: duckdb.DuckDBPyConnection, source: SourceConfig, row: Mapping[str, Any]) -> None:
    """One register row, its observations and whose they are."""
    key = str(row["key"])
    book = {
        "delivery_id": source.source,
        "first_seen": row.get("first_seen", SEEN),
        "changed_on": row.get("changed_on", row.get("first_seen", SEEN)),
    }
    cells = {name: value for name, value in row.items() if name not in ROW_WORDS and name not in source.roles}
    numbers = [c.name for c in source.columns.values() if c.type == "id_number"]
    for column in numbers:
        own = column == "id_number"
        given = cells.get(column) is not None
        cells.setdefault(f"{column}_valid", row.get("id_valid", given) if own else given)
        cells.setdefault(f"{column}_kind", row.get("id_kind", "resident") if own and given else "resident" if given else "blank")
    rec = {**book, **cells, "row_key": str(row.get("row", key)), "record_key": key, "closed_on": row.get("closed_on")}
    _insert(con, f"t_rec_{source.source}", rec)
    for role, attributes in source.roles.items():
        person = row.get(role, row.get("person") if len(source.roles) == 1 else None)
        if (
            person is not None
            and not con.execute("SELECT 1 FROM t_obs WHERE source = ? AND record_key = ? AND role = ?", [source.source, key, role]).fetchall()
        ):
            _insert(con, "t_obs", _observation(source, role, attributes, row, cells, book))
            link = {"tier": None if row.get("alone") else 1, "probability": row.get("link", 1.0)}
            _insert(con, "t_person_records", {"person_id": person, "source": source.source, "record_key": key, "role": role, **link})
            con.execute("UPDATE t_obs SET obs_id = obs_id(source, record_key, role)")


def _observation(
    source: SourceConfig, role: str, attributes: Mapping[str, Any], row: Mapping[str, Any], cells: Mapping[str, Any], book: Mapping[str, Any]
) -> dict[str, Any]:
    said = {a: cells.get(column) if isinstance(column, str) else column.const for a, column in attributes.items()}
    text = said.get("id_number")
    column = attributes.get("id_number")
    valid = bool(cells.get(f"{column}_valid")) if isinstance(column, str) else False
    place = attributes.get("address")
    return {
        **{k: v for k, v in said.items() if k not in ("id_number", "address")},
        "delivery_id": book["delivery_id"],
        "changed_on": book["changed_on"],
        "source": source.source,
        "record_key": str(row["key"]),
        "role": role,
        "live": row.get("closed_on") is None,
        "name_fold": said.get("name"),
        "name_kind": "full" if said.get("name") else "unknown",
        "birth_precision": row.get("birth_precision", "day") if said.get("birth_date") else None,
        "id_text": text,
        "id_number": text if valid else None,
        "id_valid": valid,
        "id_kind": cells.get(f"{column}_kind") if isinstance(column, str) else None,
        "id_reasons": row.get("id_reasons"),
        "address": said.get("address"),
        "division": said.get("division") or (cells.get(f"{place}_division") if isinstance(place, str) else None),
    }


def _insert(con: duckdb.DuckDBPyConnection, table: str, row: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    con.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' for _ in row)})", list(row.values()))
