"""Connectors: bring a source's delivery into the inbox, whole, the manifest last.

A connector is a function ``(source, inbox, night) -> None``. It leaves alone what lies in the inbox already, so that doing it twice has the
effect of doing it once. What it brought is then received like any other delivery.
"""

from collections.abc import Callable, Mapping
from datetime import date

from pipelines.connectors.database import pull_table
from pipelines.connectors.folders import pull_folders
from pipelines.connectors.web import pull_web
from pipelines.settings import SourceConfig

Connector = Callable[[SourceConfig, str, date], None]

CONNECTORS: Mapping[str, Connector] = {
    "folder": pull_folders,
    "sftp": pull_folders,
    "s3": pull_folders,
    "http": pull_web,
    "sql": pull_table,
}
"""``connector.kind`` of a source file -> what brings its deliveries."""


def pull(source: SourceConfig, inbox: str, night: date) -> None:
    """Bring deliveries of ``source`` up to ``night`` into ``inbox`` (a path or fsspec URL).

    Raises:
        ConfigError: RC-N01 an option is missing, RC-N02 a package for this kind of connection is not installed.
        TemporaryError: RC-N03 the other side can't be reached; try again.
        DeliveryError: RC-N04 what came can't be a delivery.
    """
    CONNECTORS[source.connector.kind](source, inbox, night)
