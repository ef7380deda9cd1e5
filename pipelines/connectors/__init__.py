"""Bringing deliveries into the inbox."""

from datetime import date

from pipelines.settings import SourceConfig


def pull(source: SourceConfig, inbox: str, night: date) -> None:
    """Bring a source's delivery of ``night`` into the inbox; ``folder`` has nothing to bring."""
