"""Put deliveries back into an inbox from the landing store, as their departments had put them there."""

import json
from collections.abc import Iterable
from pathlib import Path

import fsspec
from fsspec import AbstractFileSystem

from pipelines.errors import DeliveryError


def restore_inbox(landing: str, delivery_ids: Iterable[str], inbox: Path) -> None:
    """Write manifest and files of each delivery to ``<inbox>/<source>/<YYYYMMDD>/``, in the order given.

    A later delivery of the same date takes the folder over, as a redelivery does.

    Raises:
        DeliveryError: bytes are missing from landing.
    """
    files, root = fsspec.core.url_to_fs(landing)
    for delivery_id in delivery_ids:
        source, day = delivery_id.split("-")[:2]
        kept = f"{root}/deliveries/{delivery_id}.json"
        if not files.exists(kept):
            raise DeliveryError("RC-D90", "the manifest is not in landing", where=delivery_id, todo="Restore landing from a backup")
        manifest = files.cat_file(kept)
        folder = inbox / source / day
        folder.mkdir(parents=True, exist_ok=True)
        for name, sha256 in _came(files, f"{root}/deliveries/{delivery_id}.files.json").items():
            address = f"{root}/{sha256[:2]}/{sha256}"
            if not files.exists(address):
                raise DeliveryError("RC-D91", "the bytes of a file are not in landing", where=delivery_id, todo="Restore landing from a backup")
            files.get_file(address, str(folder / name))
        (folder / "manifest.json").write_bytes(manifest)


def _came(files: AbstractFileSystem, path: str) -> dict[str, str]:
    """The files that came, right or wrong, as name -> sha256; none when the manifest could not be read."""
    found: dict[str, str] = json.loads(files.cat_file(path)) if files.exists(path) else {}
    return found
