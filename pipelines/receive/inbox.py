"""The inbox: delivery folders by date, and their files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import fsspec
from fsspec import AbstractFileSystem

from pipelines.errors import DeliveryError

FOLDER = re.compile(r"^(\d{8})(?:\.\d+)?$")
"""``20260131``, or ``20260131.32`` where several versions of a date stand side by side (a restored inbox)."""


@dataclass(frozen=True)
class Folder:
    """One delivery folder. ``files`` are the names in it."""

    fs: AbstractFileSystem
    path: str
    source: str
    business_date: date
    files: frozenset[str]

    @property
    def where(self) -> str:
        """The folder as messages name it."""
        return f"{self.source}/{self.path.rsplit('/', 1)[-1]}"

    def read(self, name: str) -> bytes:
        """A small file, whole."""
        content: bytes = self.fs.cat_file(f"{self.path}/{name}")
        return content

    def checked_path(self, name: str, number: int) -> str:
        """The path of a data file.

        Raises:
            DeliveryError: RC-D07 when it is not there, RC-D05 when it is a link that leads elsewhere.
        """
        if name not in self.files:
            raise DeliveryError("RC-D07", f"file {number} of the manifest is not in the folder", where=self.where, todo="Deliver it again")
        path = f"{self.path}/{name}"
        if "file" in self.fs.protocol and Path(path).resolve() != Path(self.path).resolve() / name:
            raise DeliveryError("RC-D05", f"file {number} of the manifest is a link that leads out of the folder", where=self.where)
        return path


def folders(inbox: str, source: str, night: date) -> Iterator[Folder]:
    """Delivery folders of a source with a business date up to ``night``, oldest first. Other folders are left alone."""
    fs, root = fsspec.core.url_to_fs(inbox)
    base = f"{root.rstrip('/')}/{source}"
    if not fs.isdir(base):
        return
    for path in sorted(entry["name"].rstrip("/") for entry in fs.ls(base, detail=True) if entry["type"] == "directory"):
        match = FOLDER.match(path.rsplit("/", 1)[-1])
        business_date = _date(match.group(1)) if match else None
        if business_date is not None and business_date <= night:
            names = frozenset(e["name"].rsplit("/", 1)[-1] for e in fs.ls(path, detail=True) if e["type"] != "directory")
            yield Folder(fs, path, source, business_date, names)


def _date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
