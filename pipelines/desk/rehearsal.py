"""What tonight's linking would make of the last vintage under another model: the night's own steps, run aside, publishing nothing."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from filelock import FileLock, Timeout

from pipelines.desk.vintages import vintage_path
from pipelines.flow import STEPS
from pipelines.night.inputs import members, pin_night
from pipelines.night.workspace import Workspace
from pipelines.settings import Deployment
from pipelines.step import Progress, StepContext, silent
from pipelines.storage.control import ControlDatabase
from pipelines.storage.frames import scan

REHEARSED = ("link", "identify")
"""The steps that decide who is who."""
REHEARSAL, ALIVE = ".rehearsal", ".alive"
"""How folders of rehearsals begin, and the lock that a living one holds in its own."""
COMPARED = (("links", "links"), ("persons", "person_records"))
"""What `CHANGES` calls the tables that it compares."""

CHANGES = """
WITH b AS (SELECT obs_id_l, obs_id_r FROM {links_before} WHERE accepted), a AS (SELECT obs_id_l, obs_id_r FROM {links_after} WHERE accepted),
p AS (SELECT * FROM {persons_before}), q AS (SELECT * FROM {persons_after})
SELECT (SELECT count(*) FROM b) AS links_before, (SELECT count(*) FROM a) AS links_after,
       (SELECT count(*) FROM a ANTI JOIN b USING (obs_id_l, obs_id_r)) AS links_gained,
       (SELECT count(*) FROM b ANTI JOIN a USING (obs_id_l, obs_id_r)) AS links_lost,
       (SELECT count(DISTINCT person_id) FROM p) AS persons_before, (SELECT count(DISTINCT person_id) FROM q) AS persons_after,
       (SELECT count(*) FROM (SELECT DISTINCT person_id FROM p) ANTI JOIN q USING (person_id)) AS persons_merged,
       (SELECT count(*) FROM (SELECT DISTINCT person_id FROM q) ANTI JOIN p USING (person_id)) AS persons_split,
       (SELECT count(*) FROM p JOIN q USING (source, record_key, role) WHERE p.person_id <> q.person_id) AS records_moved,
       (SELECT count(*) FROM p) AS records
"""


@dataclass(frozen=True)
class Rehearsal:
    """The tables of a rehearsed night, by name."""

    folder: Path

    def table(self, name: str) -> Path:
        """A table's file: links, person_records, person_history."""
        return self.folder / f"{name}.parquet"


@contextmanager
def aside(workspace: Workspace) -> Iterator[Path]:
    """A folder inside the data folder, closed to others and gone afterwards: what is rehearsed names people's records.

    A rehearsal that was killed can't clear up; the next one does. While one lives it holds the lock in its folder, and
    folders come and go under one lock, so that nobody takes a living one for a dead one.
    """
    workspace.prepare()
    place = workspace.data / "desk"
    place.mkdir(mode=0o700, exist_ok=True)
    gate = FileLock(place / ".aside.lock", mode=0o600)
    with gate:
        _sweep(place)
        folder = Path(mkdtemp(dir=place, prefix=f"{REHEARSAL}-"))
        alive = FileLock(folder / ALIVE, mode=0o600)
        alive.acquire()
    try:
        yield folder
    finally:
        with gate:
            shutil.rmtree(folder, ignore_errors=True)
        alive.release()


def _sweep(place: Path) -> None:
    """Take away what killed rehearsals left behind."""
    for folder in sorted(place.glob(f"{REHEARSAL}-*")):
        alive = FileLock(folder / ALIVE, timeout=0, mode=0o600)
        try:
            alive.acquire()
        except Timeout:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        alive.release()


def rehearse(workspace: Workspace, out: Path, model: Path | None = None, progress: Progress = silent) -> Rehearsal:
    """Link and identify the current vintage's observations once more, as a next night without new data would; ``model`` replaces the deployed one.

    Raises:
        UsageError: RC-U02 nothing was published yet.
    """
    folder = vintage_path(workspace)
    control = ControlDatabase(workspace.control_url)
    current = control.current_vintage()
    assert current is not None
    steps = tuple(step for step in STEPS if step.name in REHEARSED)
    pinned = pin_night(workspace, control, current.night, steps)
    deployment = workspace.deployment if model is None else with_model(workspace.deployment, model)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    made: dict[str, Path] = {name: artefact.path for name, artefact in pinned.before.items()}
    for step in steps:
        plain = [name for read in step.reads if "." not in read for name in members(read, deployment.sources, in_vintage=True)]
        inputs = {name: folder / f"{name}.parquet" for name in plain} | made
        step.run(
            StepContext(
                run=pinned.pin, deployment=deployment, inputs=_there(inputs), outputs=out, declared=frozenset(step.writes),
                connect=workspace.connect, progress=progress,
            )
        )  # fmt: skip
        made |= {name: out / f"{name}.parquet" for name in step.writes}
    return Rehearsal(out)


def with_model(deployment: Deployment, model: Path) -> Deployment:
    """The deployment as if its model were the file ``model``."""
    return deployment.model_copy(update={"config": deployment.config.model_copy(update={"model": str(model.resolve())})})


def _there(inputs: Mapping[str, Path]) -> dict[str, Path]:
    return {name: path for name, path in inputs.items() if path.is_file()}


def changes(workspace: Workspace, before: Rehearsal, after: Rehearsal) -> dict[str, int]:
    """What the second rehearsal has other than the first: links, persons, and records that speak of another person."""
    tables = {f"{name}_{when}": scan(r.table(table)) for when, r in (("before", before), ("after", after)) for name, table in COMPARED}
    with workspace.connect() as con:
        cursor = con.execute(CHANGES.format_map(tables))
        names: list[Any] = [column[0] for column in cursor.description]
        [row] = cursor.fetchall()
    return dict(zip(names, row, strict=True))
