"""The landing store: bytes as delivered, under their own sha256, written once and never deleted here."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import fsspec
from fsspec import AbstractFileSystem

CHUNK = 1 << 20


@dataclass(frozen=True)
class Kept:
    """A file in landing."""

    sha256: str
    size: int
    path: str


@dataclass(frozen=True)
class Landing:
    """A content-addressed store at an fsspec URL: ``{root}/ab/abcd...``."""

    fs: AbstractFileSystem
    root: str

    @staticmethod
    def at(url: str) -> "Landing":
        """Open the store at ``url``; a local folder is made when it does not exist."""
        fs, root = fsspec.core.url_to_fs(url)
        fs.makedirs(root, exist_ok=True)
        return Landing(fs, root.rstrip("/"))

    def address(self, sha256: str) -> str:
        """Where content with this hash is kept."""
        return f"{self.root}/{sha256[:2]}/{sha256}"

    def keep(self, stream: IO[bytes], ticket: str) -> Kept:
        """Copy a stream into the store. ``ticket`` names the unfinished copy; the rename at the end makes it visible whole."""
        self.fs.makedirs(f"{self.root}/incoming", exist_ok=True)
        part = f"{self.root}/incoming/{ticket}"
        digest, size = hashlib.sha256(), 0
        with self.fs.open(part, "wb") as target:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            _to_disk(target)
        kept = Kept(digest.hexdigest(), size, self.address(digest.hexdigest()))
        if self.fs.exists(kept.path):
            self.fs.rm_file(part)
        else:
            self.fs.makedirs(kept.path.rsplit("/", 1)[0], exist_ok=True)
            self.fs.mv(part, kept.path)
        return kept

    def remember(self, delivery_id: str, manifest: bytes) -> None:
        """Keep a delivery's manifest under ``deliveries/<delivery_id>.json``, so that the store alone tells what was delivered."""
        self._write(f"deliveries/{delivery_id}.json", manifest)

    def remember_files(self, delivery_id: str, files: Mapping[str, str]) -> None:
        """Keep which bytes came, right or wrong, as name -> sha256 under ``deliveries/<delivery_id>.files.json``."""
        self._write(f"deliveries/{delivery_id}.files.json", json.dumps(files, ensure_ascii=False).encode())

    def _write(self, name: str, content: bytes) -> None:
        part, path = f"{self.root}/incoming/{name.rsplit('/', 1)[-1]}", f"{self.root}/{name}"
        for folder in (part, path):
            self.fs.makedirs(folder.rsplit("/", 1)[0], exist_ok=True)
        self.fs.pipe_file(part, content)
        self.fs.mv(part, path)

    def open(self, kept: Kept) -> IO[bytes]:
        """The bytes of a kept file."""
        stream: IO[bytes] = self.fs.open(kept.path, "rb")
        return stream

    @contextmanager
    def local(self, kept: Kept, folder: Path) -> Iterator[Path]:
        """A kept file as a local path, for readers that need one; a copy inside ``folder`` when the store is remote."""
        if "file" in self.fs.protocol:
            yield Path(kept.path)
            return
        copy = folder / kept.sha256
        self.fs.get_file(kept.path, str(copy))
        try:
            yield copy
        finally:
            copy.unlink()


def _to_disk(target: IO[bytes]) -> None:
    """Ask for the bytes to be on disk before the rename; remote stores answer only when they are."""
    try:
        descriptor = target.fileno()
    except (AttributeError, OSError):
        return
    target.flush()
    os.fsync(descriptor)
