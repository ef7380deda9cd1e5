"""Deliveries that lie in folders elsewhere: a shared disk, an SFTP server, an object store; anything that fsspec reads."""

from datetime import date, datetime
from functools import partial

import fsspec
from fsspec import AbstractFileSystem

from pipelines.connectors.place import MANIFEST, Place, option, plain_names
from pipelines.errors import ConfigError, DeliveryError, TemporaryError
from pipelines.settings import SourceConfig

EXTRA = {"sftp": "paramiko", "s3": "s3fs"}


def pull_folders(source: SourceConfig, inbox: str, night: date) -> None:
    """Copy finished delivery folders ``<url>/<YYYYMMDD>/`` up to ``night`` that the inbox lacks or holds in another version.

    ``options``: ``url`` (fsspec; without it a ``folder`` source is filled by the department itself), ``storage`` (further arguments of the
    file system).
    """
    if source.connector.kind == "folder" and "url" not in source.connector.options:
        return
    files, root = _connect(source)
    try:
        found = sorted(str(path).rstrip("/") for path in files.ls(root, detail=False)) if files.isdir(root) else []
        for path in found:
            _copy(files, path, source, inbox, night)
    except OSError:
        raise TemporaryError("RC-N03", "the deliveries can't be read", where=source.source, todo="Check the connection and run it again") from None


def _connect(source: SourceConfig) -> tuple[AbstractFileSystem, str]:
    url, storage = option(source, "url"), dict(option(source, "storage", {}))
    try:
        files, root = fsspec.core.url_to_fs(url, **storage)
    except ImportError:
        package = EXTRA.get(source.connector.kind, "the file system's package")
        raise ConfigError("RC-N02", f"'{source.connector.kind}' needs a package that is not installed", todo=f"Install {package}") from None
    except (OSError, ValueError):
        raise TemporaryError("RC-N03", "no connection", where=source.source, todo="Check connector.options and run it again") from None
    return files, root.rstrip("/")


def _copy(files: AbstractFileSystem, path: str, source: SourceConfig, inbox: str, night: date) -> None:
    try:
        day = datetime.strptime(path.rsplit("/", 1)[-1], "%Y%m%d").date()  # noqa: DTZ007
    except ValueError:
        return
    if day > night or not files.exists(f"{path}/{MANIFEST}"):
        return
    manifest = bytes(files.cat_file(f"{path}/{MANIFEST}"))
    place = Place(inbox, source.source, day)
    if place.manifest() == manifest:
        return
    names = plain_names(manifest)
    if not names:
        raise DeliveryError("RC-N04", "the manifest names no file, or one with an unsafe name", where=f"{source.source}/{day:%Y%m%d}")
    place.put({name: partial(files.open, f"{path}/{name}", "rb") for name in names}, manifest)
