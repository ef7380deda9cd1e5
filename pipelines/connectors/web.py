"""Deliveries behind HTTP: ``<url>/<YYYYMMDD>/manifest.json`` and the files that it names."""

import urllib.error
import urllib.request
from datetime import date, timedelta
from functools import partial
from typing import IO
from urllib.parse import quote, urlsplit

from pipelines.connectors.place import MANIFEST, Place, option, plain_names
from pipelines.errors import ConfigError, DeliveryError, TemporaryError
from pipelines.settings import SourceConfig

NOT_THERE = 404
LONGEST_MANIFEST = 10 << 20


def pull_web(source: SourceConfig, inbox: str, night: date) -> None:
    """Fetch the deliveries of the last days.

    ``options``: ``url``; ``days`` to look back (7); ``headers`` (such as an authorisation, ``${NAME}`` from the environment); ``timeout`` in
    seconds (60).
    """
    for back in range(int(option(source, "days", 7)), -1, -1):
        day = night - timedelta(days=back)
        place = Place(inbox, source.source, day)
        manifest = _manifest(source, day)
        if manifest is None or place.manifest() == manifest:
            continue
        names = plain_names(manifest)
        if not names:
            raise DeliveryError("RC-N04", "the manifest names no file, or one with an unsafe name", where=f"{source.source}/{day:%Y%m%d}")
        place.put({name: partial(_open, source, day, name) for name in names}, manifest)


def _manifest(source: SourceConfig, day: date) -> bytes | None:
    try:
        with _open(source, day, MANIFEST) as answer:
            return answer.read(LONGEST_MANIFEST)
    except urllib.error.HTTPError as error:
        if error.code == NOT_THERE:
            return None
        raise TemporaryError("RC-N03", f"the server answered {error.code}", where=source.source, todo="Try again") from None


def _open(source: SourceConfig, day: date, name: str) -> IO[bytes]:
    url = str(option(source, "url")).rstrip("/")
    if urlsplit(url).scheme not in {"http", "https"}:
        raise ConfigError("RC-N01", "connector.options.url is neither http nor https", where=f"sources/{source.source}.yml")
    headers = {k: str(v) for k, v in dict(option(source, "headers", {})).items()}
    request = urllib.request.Request(f"{url}/{day:%Y%m%d}/{quote(name)}", headers=headers)  # noqa: S310  the scheme was checked
    try:
        answer: IO[bytes] = urllib.request.urlopen(request, timeout=float(option(source, "timeout", 60)))  # noqa: S310
    except urllib.error.HTTPError:
        raise
    except OSError:
        raise TemporaryError("RC-N03", "no connection", where=source.source, todo="Check connector.options.url and run it again") from None
    return answer
