"""One run of a night, on disk: opened once, carried out call by call, by one process or by many Airflow tasks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import Any

from pipelines.errors import RollcallError
from pipelines.night.commit import Vintage, commit
from pipelines.night.execute import Artefact, Outcome, execute
from pipelines.night.inputs import Pinned, inbox_fingerprint, members, pin_night
from pipelines.night.workspace import Workspace
from pipelines.settings import SourceConfig
from pipelines.step import Progress, RunPin, Step, silent
from pipelines.storage.control import ControlDatabase


@dataclass(frozen=True)
class NightRun:
    """A pinned night. Its folder holds the pin and one small file per finished call, so that any process can go on with it."""

    workspace: Workspace
    pinned: Pinned
    steps: tuple[Step, ...]
    scratch_landing: str | None = None

    @property
    def folder(self) -> Path:
        """Where the run keeps its pin and its calls."""
        return self.workspace.work / f"{self.pinned.pin.night:%Y%m%d}" / self.pinned.pin.run_id

    def perform(self, name: str, source: str | None = None, progress: Progress = silent) -> Outcome:
        """Carry out one call of the step called ``name``."""
        step = next(s for s in self.steps if s.name == name)
        config = self.workspace.deployment.sources[source] if source else None
        night = self.pinned.pin.night
        extra = inbox_fingerprint(self.workspace.inbox, source, night) if source and step is self.steps[0] else ""
        inputs = self._inputs(step, config)
        outcome = execute(self.workspace, self.pinned.pin, step, inputs, source=config, extra=extra, landing=self.scratch_landing, progress=progress)
        record: dict[str, Any] = {name: getattr(outcome, name) for name in ("step", "source", "seconds", "peak_mb", "reused")}
        record["folder"] = str(outcome.folder)
        record["tables"] = {n: {"path": str(a.path), "content": a.content} for n, a in outcome.tables.items()}
        (self.folder / f"{step.name}{f'-{source}' if source else ''}.json").write_text(json.dumps(record))
        return outcome

    def calls(self) -> list[tuple[str, str | None]]:
        """Every call of the night, in order."""
        return [(s.name, source) for s in self.steps for source in (self.workspace.deployment.sources if s.per_source else (None,))]

    def outcomes(self) -> list[Outcome]:
        """Outcomes of the finished calls, in the order of the flow."""
        return [outcome for name, source in self.calls() if (outcome := self._outcome(name, source))]

    def _outcome(self, name: str, source: str | None) -> Outcome | None:
        path = self.folder / f"{name}{f'-{source}' if source else ''}.json"
        if not path.is_file():
            return None
        record = json.loads(path.read_text())
        tables = {n: Artefact(Path(a["path"]), a["content"]) for n, a in record.pop("tables").items()}
        return Outcome(**{**record, "folder": Path(record["folder"]), "tables": tables})

    def _made_for(self, step: Step, source: SourceConfig | None) -> dict[str, Artefact]:
        """What the steps before ``step`` made of what it reads; for a per-source call, of its own source."""
        made = dict(self.pinned.before)
        writers = {s.name for s in takewhile(lambda s: s.name != step.name, self.steps) if set(s.writes) & set(step.reads)}
        for name, of in self.calls():
            if name in writers and (source is None or of in {None, source.source}) and (outcome := self._outcome(name, of)):
                made |= outcome.tables
        return made

    def commit(self, control: ControlDatabase, verdict: Mapping[str, Any], now: str) -> Vintage:
        """Publish the night, with its verdict."""
        return commit(self.workspace, control, self.pinned, self.outcomes(), verdict, now)

    def _inputs(self, step: Step, source: SourceConfig | None) -> dict[str, Artefact]:
        """The declared inputs of a call; a per-source call gets its own member of each family.

        Raises:
            RollcallError: an input wasn't made; a step before this one is missing.
        """
        made = self._made_for(step, source)
        chosen: dict[str, Artefact] = {}
        for read in step.reads:
            prefix, name = ("previous.", read.removeprefix("previous.")) if read.startswith("previous.") else ("", read)
            wanted = [name] if name.startswith("inputs.") else members(name, self.workspace.deployment.sources, in_vintage=bool(prefix))
            if source and len(wanted) > 1:
                wanted = [f"{name}_{source.source}"]
            for member in wanted:
                if prefix + member not in made:
                    raise RollcallError("RC-F07", f"'{prefix + member}' was not made", where=step.name, todo="Run the steps before it first")
                chosen[prefix + member] = made[prefix + member]
        return chosen


def open_night(
    workspace: Workspace, control: ControlDatabase, night: date, steps: tuple[Step, ...], *, scratch_landing: str | None = None
) -> NightRun:
    """Pin a night and write the pin down.

    Raises:
        AuditError: the audit chain does not verify; no night is built on it.
    """
    workspace.prepare()
    control.require_audit(workspace.vintages)
    run = NightRun(workspace, pin_night(workspace, control, night, steps), steps, scratch_landing)
    run.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    pin = {k: str(v) if isinstance(v, date) else v for k, v in vars(run.pinned.pin).items()}
    before = {n: {"path": str(a.path), "content": a.content} for n, a in run.pinned.before.items()}
    (run.folder / "pin.json").write_text(json.dumps({"pin": pin, "before": before, "cases_version": run.pinned.cases_version}))
    return run


def load_night(workspace: Workspace, run_id: str, steps: tuple[Step, ...]) -> NightRun:
    """A night that was opened before, perhaps by another process."""
    day = run_id[1:9]
    record: Mapping[str, dict[str, str]] = json.loads((workspace.work / day / run_id / "pin.json").read_text())
    pin = RunPin(**{**record["pin"], "night": date.fromisoformat(record["pin"]["night"])})  # type: ignore[arg-type]
    before = {n: Artefact(Path(a["path"]), a["content"]) for n, a in record["before"].items()}  # type: ignore[index]
    return NightRun(workspace, Pinned(pin, before, int(record["cases_version"])), steps)  # type: ignore[call-overload]
