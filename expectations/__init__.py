"""Great Expectations suites: one per source and per table of a vintage, and the custom expectations that they use.

A suite is YAML: ``{name, meta, expectations: [{type, kwargs, severity, meta: {rule, column, title_zh, title_en}}]}``. It is the one
definition of a source's checks; ``gx.ExpectationSuite(**load_suite(path))`` takes it as it is, once ``expectations.custom`` is imported.
``checks`` holds what the custom expectations mean, for a pandas Series and for SQL, side by side.
"""

from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).parent


def load_suite(path: Path) -> dict[str, Any]:
    """A suite file as plain dictionaries and lists, for reading only: the same text is parsed once."""
    return _parsed(path.read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> dict[str, Any]:
    suite: dict[str, Any] = YAML(typ="safe").load(text)
    return suite
