"""A night's links do not depend on how much of the population it looked at: what changes can reach is judged as everybody would be."""

import random
import re
from datetime import date
from pathlib import Path

import pytest

from pipelines import link
from pipelines.contracts.tables import DECISIONS, LINKED, OBS
from pipelines.flow import NightResult
from pipelines.link import kept_profiles, scope
from pipelines.night.workspace import Workspace
from pipelines.step import RunPin, StepContext
from pipelines.storage.frames import connect, empty, row_count, scan, table_hash, write_query, write_table

TABLES = tuple(table.name for table in LINKED)
STANDING = """
    SELECT * FROM {profiles} SEMI JOIN (SELECT obs_id AS grp, profile AS content FROM {state} WHERE profile IS NOT NULL) USING (grp, content)"""
EVERYBODY, NEVER_EVERYBODY = -1.0, 2.0
MUTATIONS = {
    "gone": None,
    "closed": "live = NOT live",
    "without number": "id_number = NULL, id_text = NULL, id_valid = false, id_kind = NULL",
    "wrong number": "id_number = NULL, id_valid = false, id_text = left(id_text, 16) || '0' || right(id_text, 1)",
    "someone else's number": "id_number = other_number, id_text = other_number",
    "someone else's name": "name = other_name, name_fold = other_fold, name_sound = other_sound",
    "other birth date": "birth_date = birth_date + INTERVAL 9 DAY",
    "birth year only": "birth_date = date_trunc('year', birth_date), birth_precision = 'year'",
    "without parents": "mother_id = NULL, father_id = NULL, mother_name = NULL, father_name = NULL",
    "other household": "household = NULL",
    "other spouse": "spouse_id = other_number, spouse_name = other_fold",
}
"""What may happen to a row from one night to the next."""


def mutate(files: dict[str, Path], seed: int, folder: Path) -> dict[str, Path]:
    """The observations with about one in forty changed, drawn by ``seed``; a changed row has another hash."""
    con, changed = connect(), {}
    order = random.Random(seed).sample(sorted(MUTATIONS), len(MUTATIONS))
    for source, path in files.items():
        con.execute(f"""
            CREATE OR REPLACE TEMP TABLE t AS
            SELECT *, lead(id_number, 7) OVER w AS other_number, lead(name, 7) OVER w AS other_name, lead(name_fold, 7) OVER w AS other_fold,
                   lead(name_sound, 7) OVER w AS other_sound, (hash(obs_id, {seed}) % {40 * len(order)})::INTEGER AS lot
            FROM {scan(path)} WINDOW w AS (ORDER BY obs_id)
        """)
        for lot, name in enumerate(order):
            sets = MUTATIONS[name]
            mark = f"obs_hash = md5(obs_hash || '{seed}')"
            con.execute(f"UPDATE t SET {sets}, {mark} WHERE lot = {lot}" if sets else f"DELETE FROM t WHERE lot = {lot}")
        changed[source] = folder / f"obs_{source}.parquet"
        write_table(con, "SELECT * FROM t", OBS, changed[source])
    return changed


def observed(workspace: Workspace, folder: Path) -> dict[str, Path]:
    """The observations of every source that lie in a folder."""
    return {source: folder / f"obs_{source}.parquet" for source in workspace.deployment.sources}


def linked(sample: Workspace, parent: Path, now: dict[str, Path], folder: Path) -> tuple[dict[str, str], list[str]]:
    """Hashes of what the link step leaves on top of a parent vintage, and how many observations it said it looked at."""
    said: list[str] = []
    folder.mkdir(exist_ok=True)
    inputs = {f"obs_{source}": path for source, path in now.items()}
    inputs |= {f"previous.obs_{source}": path for source, path in observed(sample, parent).items()}
    inputs |= {f"previous.{table}": parent / f"{table}.parquet" for table in TABLES}
    inputs["inputs.decisions"] = folder / "decisions.parquet"
    empty(DECISIONS, inputs["inputs.decisions"])
    pin = RunPin(date(2026, 2, 2), "r", parent.name, "c", "x")
    ctx = StepContext(
        pin, sample.deployment, inputs, folder, frozenset((*TABLES, "link_report")), connect, progress=lambda _done, _all, what: said.append(what)
    )
    link.run(ctx)
    return contents(folder), [what for what in said if " of " in what]


def contents(folder: Path) -> dict[str, str]:
    """Hashes of the tables; of the profiles, in whichever file they lie, those that stand."""
    files = {table: folder / f"{table}.parquet" for table in TABLES}
    profiles = scan(files["link_profiles"], files["link_profiles_since"])
    standing = folder / "standing"
    write_query(connect(), STANDING.format(profiles=profiles, state=scan(files["link_state"])), standing)
    assert row_count(standing) == connect().execute(f"SELECT count(profile) FROM {scan(files['link_state'])}").fetchall()[0][0]
    return {table: table_hash(files[table]) for table in ("links", "link_state", "link_alike")} | {"standing profiles": table_hash(standing)}


@pytest.fixture
def parent(request: pytest.FixtureRequest, sample: tuple[Workspace, list[NightResult]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vintage of which everybody was judged, without one in sixty of the sample's observations."""
    workspace, results = sample
    vintage = next(r.vintage.path for r in results if r.vintage)
    earlier = observed(workspace, tmp_path / "parent")
    (tmp_path / "parent").mkdir()
    for source, path in earlier.items():
        kept = f"hash(obs_id, 'new', {getattr(request, 'param', 1)}) % 60 <> 0"
        write_table(connect(), f"SELECT * FROM {scan(vintage / f'obs_{source}.parquet')} WHERE {kept}", OBS, path)
    monkeypatch.setattr(scope, "WHOLE", EVERYBODY)
    linked(workspace, vintage, earlier, tmp_path / "parent")
    return tmp_path / "parent"


@pytest.mark.parametrize(("parent", "seed"), [(1, 1), (2, 2), (3, 3)], indirect=["parent"])
def test_a_delta_night_equals_a_whole_one(
    seed: int, parent: Path, sample: tuple[Workspace, list[NightResult]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, results = sample
    vintage = next(r.vintage.path for r in results if r.vintage)
    now = mutate(observed(workspace, vintage), seed, tmp_path)
    whole, _ = linked(workspace, parent, now, tmp_path / "whole")
    monkeypatch.setattr(scope, "WHOLE", NEVER_EVERYBODY)
    delta, looked_at = linked(workspace, parent, now, tmp_path / "delta")
    assert delta == whole
    inside, everybody = (int(n) for n in re.findall(r"\d+", looked_at[-1]))
    assert 0 < inside < everybody / 4


def test_upon_a_vintage_of_an_older_version_everybody_is_judged(
    parent: Path, sample: tuple[Workspace, list[NightResult]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, _ = sample
    monkeypatch.setattr(scope, "WHOLE", NEVER_EVERYBODY)
    now = observed(workspace, parent)
    for table, column in (("link_state", "profile"), ("link_profiles", "blocks")):
        path = parent / f"{table}.parquet"
        connect().execute(f"COPY (SELECT * EXCLUDE ({column}) FROM {scan(path)}) TO '{path}.old' (FORMAT parquet)")
        Path(f"{path}.old").replace(path)
    _, looked_at = linked(workspace, parent, now, tmp_path / "now")
    inside, everybody = re.findall(r"\d+", looked_at[-1])
    assert inside == everybody


def test_nights_in_a_row_keep_what_stands_and_clear_up_what_does_not(
    parent: Path, sample: tuple[Workspace, list[NightResult]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, _ = sample
    monkeypatch.setattr(scope, "WHOLE", NEVER_EVERYBODY)
    before = observed(workspace, parent)
    (tmp_path / "first").mkdir()
    changed = mutate(before, 4, tmp_path / "first")
    monkeypatch.setattr(kept_profiles, "MOVED", NEVER_EVERYBODY)
    linked(workspace, parent, changed, tmp_path / "first")
    assert (tmp_path / "first" / "link_profiles.parquet").samefile(parent / "link_profiles.parquet")
    assert row_count(tmp_path / "first" / "link_profiles_since.parquet")

    back, _ = linked(workspace, tmp_path / "first", before, tmp_path / "back")
    monkeypatch.setattr(kept_profiles, "MOVED", 0)
    cleared, _ = linked(workspace, tmp_path / "first", before, tmp_path / "cleared")
    assert cleared == back
    assert not row_count(tmp_path / "cleared" / "link_profiles_since.parquet")
    assert table_hash(tmp_path / "cleared" / "link_profiles.parquet") == table_hash(tmp_path / "cleared" / "standing")
    assert back["standing profiles"] == contents(parent)["standing profiles"]
