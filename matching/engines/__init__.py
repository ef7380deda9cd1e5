"""Engines: one interface (`base.Engine`), three ways to compute it. Packages are imported only when an engine is made."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from matching.block import Capped
from matching.engines.base import Blocked, Call, Engine, MissingEngineError, Scored

ENGINES: dict[str, tuple[str, str, str]] = {
    "recordlinkage": ("matching.engines.recordlinkage", "RecordLinkageEngine", "recordlinkage"),
    "duckdb": ("matching.engines.duckdb", "DuckDBEngine", "duckdb"),
    "spark": ("matching.engines.spark", "SparkEngine", "pyspark[connect]"),
}
"""Name of the engine -> module, class, package to install."""

__all__ = ["ENGINES", "Blocked", "Call", "Capped", "Engine", "MissingEngineError", "Scored", "get_engine"]


def get_engine(name: str, **options: Any) -> Engine:
    """Make an engine: `recordlinkage` (reference), `duckdb` (one machine) or `spark` (a cluster).

    Raises:
        KeyError: there is no engine of this name.
        MissingEngineError: its package is not installed.
    """
    if name not in ENGINES:
        raise KeyError(f"no engine {name}; there are {', '.join(ENGINES)}")
    module, kind, package = ENGINES[name]
    try:
        engine: Engine = getattr(import_module(module), kind)(**options)
    except ModuleNotFoundError as error:
        raise MissingEngineError(f"engine {name} needs the package {package}: pip install '{package}'") from error
    return engine
