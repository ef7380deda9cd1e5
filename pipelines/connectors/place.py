"""A delivery folder in the inbox: taken apart before it changes, whole again only with its manifest."""

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from string import Template
from typing import IO, Any

import fsspec

from pipelines.errors import ConfigError
from pipelines.settings import SourceConfig

MANIFEST = "manifest.json"
CHUNK = 1 << 20
Open = Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Place:
    """Where a source's delivery of one day lies in the inbox."""

    inbox: str
    source: str
    day: date

    @property
    def path(self) -> str:
        """The folder's URL."""
        return f"{self.inbox.rstrip('/')}/{self.source}/{self.day:%Y%m%d}"

    def manifest(self) -> bytes | None:
        """The manifest that lies there; null when none does."""
        files, root = fsspec.core.url_to_fs(self.path)
        return bytes(files.cat_file(f"{root}/{MANIFEST}")) if files.exists(f"{root}/{MANIFEST}") else None

    def put(self, data: Mapping[str, Open], manifest: bytes) -> None:
        """Write a delivery. Without its manifest the folder counts as being uploaded, so the manifest goes first and comes last."""
        files, root = fsspec.core.url_to_fs(self.path)
        files.makedirs(root, exist_ok=True)
        if files.exists(f"{root}/{MANIFEST}"):
            files.rm_file(f"{root}/{MANIFEST}")
        for name, opened in data.items():
            with opened() as source, files.open(f"{root}/{name}", "wb") as target:
                while chunk := source.read(CHUNK):
                    target.write(chunk)
        files.pipe_file(f"{root}/{MANIFEST}.part", manifest)
        files.mv(f"{root}/{MANIFEST}.part", f"{root}/{MANIFEST}")


def option(source: SourceConfig, name: str, default: Any = None) -> Any:
    """A connector's option; ``${NAME}`` in a text is taken from the environment, so that no password stands in a file.

    Raises:
        ConfigError: RC-N01 the option, or its variable, is missing.
    """
    value = source.connector.options.get(name, default)
    if value is None:
        raise ConfigError("RC-N01", f"connector.options.{name} is missing", where=f"sources/{source.source}.yml", todo="Add it")
    if not isinstance(value, str):
        return value
    try:
        return Template(value).substitute(os.environ)
    except (KeyError, ValueError):
        where = f"sources/{source.source}.yml"
        raise ConfigError(
            "RC-N01", f"connector.options.{name} names a variable that is not set", where=where, todo="Set it in the environment"
        ) from None


def plain_names(manifest: bytes) -> list[str]:
    """The data files that a manifest names; empty when one of them is not a plain file name."""
    try:
        names = [str(f["name"]) for f in json.loads(manifest)["files"]]
    except (ValueError, KeyError, TypeError):
        return []
    return names if all(re.fullmatch(r"[^/\\\x00-\x1f:~][^/\\\x00-\x1f:]*", n) and n not in {".", ".."} for n in names) else []
