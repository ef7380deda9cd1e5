"""Every table that a step writes, by name. Described column by column in ``registers``, ``people``, ``discrepancies`` and ``inputs``.

``person_records`` and ``findings`` are read by outside tools and stay stable (``stable=True``).
Families (``raw``, ``rec``, ``obs`` ...) exist once per source: ``rec_police``.
"""

from pipelines.contracts.discrepancies import CASE_EVENTS, CASES, CLEARED, FINDING_DETAILS, FINDINGS, HORIZONS, LAGS, POPULATION, RULES_JUDGED, TREND
from pipelines.contracts.inputs import DECISIONS, INPUT_CASES, INPUT_TABLES, KNOWN_DELIVERIES, OVERRIDES
from pipelines.contracts.link_report import LINK_REPORT
from pipelines.contracts.people import (
    LINK_ALIKE,
    LINK_PROFILES,
    LINK_PROFILES_SINCE,
    LINK_STATE,
    LINKED,
    LINKS,
    PERSON_HISTORY,
    PERSON_RECORDS,
    PERSONS,
)
from pipelines.contracts.registers import (
    DELIVERIES,
    GATES,
    GOOD,
    LEDGER,
    OBS,
    OBSERVATIONS,
    PEOPLE_COLUMNS,
    PROVENANCE,
    QUARANTINE,
    RAW,
    REC,
    REJECTS,
)

__all__ = [
    "CASES",
    "CASE_EVENTS",
    "CLEARED",
    "DECISIONS",
    "DELIVERIES",
    "FINDINGS",
    "FINDING_DETAILS",
    "GATES",
    "GOOD",
    "HORIZONS",
    "INPUT_CASES",
    "INPUT_TABLES",
    "KEPT_PER_SOURCE",
    "KNOWN_DELIVERIES",
    "LAGS",
    "LEDGER",
    "LINKED",
    "LINKS",
    "LINK_ALIKE",
    "LINK_PROFILES",
    "LINK_PROFILES_SINCE",
    "LINK_REPORT",
    "LINK_STATE",
    "OBS",
    "OBSERVATIONS",
    "OVERRIDES",
    "PEOPLE_COLUMNS",
    "PERSONS",
    "PERSON_HISTORY",
    "PERSON_RECORDS",
    "POPULATION",
    "PROVENANCE",
    "QUARANTINE",
    "RAW",
    "REC",
    "REJECTS",
    "RULES_JUDGED",
    "STEP_TABLES",
    "TABLES",
    "TREND",
]

STEP_TABLES = (
    DELIVERIES, RAW, REJECTS, GOOD, QUARANTINE, GATES, REC, OBS, LEDGER,
    *LINKED, LINK_REPORT, PERSON_RECORDS, PERSON_HISTORY, PERSONS,
    HORIZONS, LAGS, POPULATION, RULES_JUDGED, FINDINGS, FINDING_DETAILS, CLEARED, CASES, CASE_EVENTS, OBSERVATIONS, TREND,
)  # fmt: skip
TABLES = {table.name: table for table in STEP_TABLES}
KEPT_PER_SOURCE = ("rec", "obs")
"""Families that a vintage keeps per source; publish unites ``deliveries``, ``gates``, ``quarantine`` and ``ledger``, the rest is on its way only."""
