"""What the deployment's retention lets go: tables and reports of old vintages, and landed bytes that nothing needs any more.

A vintage that goes leaves ``run.json`` and ``summary.json`` behind: the anchor of the audit chain, and the hashes that a rebuild is held
against. Manifests stay in landing, so that it can always be told what was delivered.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import fsspec

from pipelines.night.workspace import Workspace
from pipelines.storage.control import ControlDatabase, run_lock
from pipelines.storage.frames import scan

PRUNED = "pruned.json"
STAYS = ("run.json", "summary.json", PRUNED)


@dataclass(frozen=True)
class Prunable:
    """What may go: vintages by id, landed files by sha256 with their size; and what is old enough but ``needed``, with the reason."""

    vintages: tuple[str, ...]
    landed: Mapping[str, int]
    needed: Mapping[str, str]

    @property
    def bytes(self) -> int:
        """Bytes of the landed files."""
        return sum(self.landed.values())


def is_whole(vintage: Path) -> bool:
    """Whether a vintage's folder still has its tables."""
    return vintage.is_dir() and not (vintage / PRUNED).exists()


def prunable(workspace: Workspace, control: ControlDatabase) -> Prunable:
    """Find what retention lets go. Nothing is written."""
    published = control.vintages()
    old = [v.vintage_id for v in published[: max(len(published) - workspace.deployment.config.retention.vintages, 0)]]
    pinned = _pinned(control)
    going = tuple(v for v in old if v not in pinned and _leftover(workspace.vintage(v)))
    staying = [workspace.vintage(v.vintage_id) for v in published if v.vintage_id not in going]
    landed, needed = _landed(workspace, control, [folder for folder in staying if is_whole(folder)])
    return Prunable(going, landed, {v: pinned[v] for v in old if v in pinned} | needed)


def prune(workspace: Workspace, control: ControlDatabase, by: str, at: str) -> Prunable:
    """Let it go. What will go is audited first, so that nothing can vanish unrecorded; after a kill the next call goes on.

    Raises:
        BusyError: a run is at work.
        AuditError: the audit chain does not verify.
    """
    with run_lock(workspace.data, control):
        control.require_audit(workspace.vintages)
        found = prunable(workspace, control)
        if not found.vintages and not found.landed:
            return found
        listed = hashlib.sha256("\n".join(sorted(found.landed)).encode()).hexdigest()
        payload = {"vintages": list(found.vintages), "files": len(found.landed), "bytes": found.bytes, "files_sha256": listed}
        entry = control.note("retention.pruned", "vintages and landing", by, payload, at)
        for vintage in found.vintages:
            _strip(workspace.vintage(vintage), {"by": by, "at": at, "audit_seq": entry})
        files, root = fsspec.core.url_to_fs(workspace.landing)
        for sha256 in found.landed:
            files.rm_file(_address(root, sha256))
    return found


def _pinned(control: ControlDatabase) -> dict[str, str]:
    """Vintages that tonight's readers and runs stand on."""
    current = control.current_vintage()
    pinned = {str(run["parent"]): f"run {run['run_id']} is pinned to it" for run in control.runs() if run["status"] == "running" and run["parent"]}
    if current is not None:
        pinned |= {str(current.parent): "the current vintage is compared with it", current.vintage_id: "it is the current vintage"}
    return pinned


def _leftover(vintage: Path) -> bool:
    return vintage.is_dir() and any(path.name not in STAYS for path in vintage.iterdir())


def _strip(vintage: Path, mark: Mapping[str, object]) -> None:
    """Mark a vintage first: from then on nobody takes it for whole."""
    (vintage / PRUNED).write_text(json.dumps(mark), encoding="utf-8")
    for path in sorted(p for p in vintage.iterdir() if p.name not in STAYS):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _landed(workspace: Workspace, control: ControlDatabase, whole: list[Path]) -> tuple[dict[str, int], dict[str, str]]:
    """Landed files of deliveries beyond retention that nothing needs, with their size; and deliveries that something does."""
    current = control.current_vintage()
    if current is None:
        return {}, {}
    horizon = current.night - timedelta(days=workspace.deployment.config.retention.landing_days)
    known = control.known_deliveries()
    old = set(known.loc[known["business_date"] < horizon, "delivery_id"])
    if not old:
        return {}, {}
    needed = dict.fromkeys(sorted(_spoken_of(workspace, whole) & old), "rows that a kept vintage holds came with it")
    needed |= {str(h["delivery_id"]): "a hold on it is open" for h in control.holds(waiting_only=True) if h["delivery_id"] in old}
    files, root = fsspec.core.url_to_fs(workspace.landing)
    going: set[str] = set()
    staying: set[str] = set()
    for delivery, hashes in _kept_files(files, root):
        (going if delivery in old and delivery not in needed else staying).update(hashes)
    there = {sha256: _address(root, sha256) for sha256 in sorted(going - staying)}
    return {sha256: int(files.size(path)) for sha256, path in there.items() if files.exists(path)}, needed


def _spoken_of(workspace: Workspace, whole: Iterable[Path]) -> set[str]:
    """Deliveries that brought a row of a kept register: evidence is read again from their bytes. A file of many nights is read once."""
    registers = {(s.st_dev, s.st_ino): path for folder in whole for path in sorted(folder.glob("rec_*.parquet")) for s in [path.stat()]}
    with workspace.connect() as con:
        return {d for path in registers.values() for (d,) in con.execute(f"SELECT DISTINCT delivery_id FROM {scan(path)}").fetchall()}


def _kept_files(files: fsspec.AbstractFileSystem, root: str) -> Iterator[tuple[str, list[str]]]:
    """Every delivery in landing and the hashes of the files that came with it."""
    for path in sorted(files.glob(f"{root}/deliveries/*.files.json")):
        yield str(path).rsplit("/", 1)[-1].removesuffix(".files.json"), list(json.loads(files.cat_file(path)).values())


def _address(root: str, sha256: str) -> str:
    return f"{root}/{sha256[:2]}/{sha256}"
