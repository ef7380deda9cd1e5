"""By when an owner has to answer, and how far a silent case climbs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from pipelines.contracts.codes import SEVERITIES
from pipelines.errors import ConfigError
from pipelines.settings import Deployment

FILE = "cases.yml"
HOUSEHOLDS = ("suggest", "merge", "leave")


@dataclass(frozen=True)
class Terms:
    """Days to answer by severity (None: never due), the highest escalation that silence alone leads to, and the days a claimed correction has.

    ``households``: what the night does with cases about one household: one of ``HOUSEHOLDS``.
    """

    answer_days: Mapping[str, int | None]
    highest: int = 3
    correction_days: int = 45
    households: str = "suggest"


DEFAULT = Terms({"critical": 7, "high": 15, "medium": 30, "low": 60, "info": None})


def load_terms(deployment: Deployment) -> Terms:
    """The deployment's ``cases.yml`` (``answer_days``, ``highest``, ``correction_days``, ``households``), or the defaults for what it doesn't say.

    Raises:
        ConfigError: an unknown key or severity, a term that is no number of days, or an unknown word for households.
    """
    path = deployment.file(FILE)
    if not path.is_file():
        return DEFAULT
    given: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
    days, households = given.pop("answer_days", {}), given.pop("households", DEFAULT.households)
    numbers = {**given, **{f"answer_days.{k}": v for k, v in days.items()}}
    wrong = [k for k in given if k not in {"highest", "correction_days"}] + [f"answer_days.{k}" for k in days if k not in SEVERITIES]
    wrong += [k for k, v in numbers.items() if not (isinstance(v, int) and v > 0) and not (v is None and k.startswith("answer_days."))]
    wrong += ["households"] if households not in HOUSEHOLDS else []
    if wrong:
        raise ConfigError("RC-C20", f"not understood: {', '.join(sorted(set(wrong)))}", where=str(path), todo="See docs/cases.md for the keys")
    highest, correction = given.get("highest", DEFAULT.highest), given.get("correction_days", DEFAULT.correction_days)
    return Terms(dict(DEFAULT.answer_days) | days, highest, correction, households)
