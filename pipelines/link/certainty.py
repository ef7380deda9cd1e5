"""How sure a link of tiers 0, 1, 2 and 4 is: one figure for each tier, agreement of names and agreement of birth dates.

These are judgements, written down to be reviewed; docs/linking.md gives the reasoning and, for each cell, what was measured. Figures
below the model's ``join`` threshold never join on their own; they are kept as pairs worth a look. A missing cell is no pair at all.
"""

from collections.abc import Mapping

NAME_CLASSES: Mapping[str, str] = {
    "same": "agree", "variant": "agree", "former": "agree", "homophone": "agree", "pinyin": "agree",
    "one_character": "near", "rare_substitute": "near", "partial": "near",
    "different": "differ", "missing": "unknown",
}  # fmt: skip
BIRTH_CLASSES: Mapping[str, str] = {"same": "agree", "coarse": "near", "typo": "near", "calendar": "differ", "differ": "differ"}
"""Null is ``unknown``."""

Cells = Mapping[tuple[str, str], float]

REFERENCE: Cells = {
    ("agree", "agree"): 0.9999, ("agree", "near"): 0.9995, ("agree", "unknown"): 0.999, ("agree", "differ"): 0.98,
    ("near", "agree"): 0.9995, ("near", "near"): 0.995, ("near", "unknown"): 0.985, ("near", "differ"): 0.8,
    ("unknown", "agree"): 0.998, ("unknown", "near"): 0.99, ("unknown", "unknown"): 0.97, ("unknown", "differ"): 0.5,
    ("differ", "agree"): 0.98, ("differ", "near"): 0.7, ("differ", "unknown"): 0.3,
}  # fmt: skip
NUMBER: Cells = {
    ("agree", "agree"): 0.99999, ("agree", "near"): 0.9999, ("agree", "unknown"): 0.9995, ("agree", "differ"): 0.995,
    ("near", "agree"): 0.9995, ("near", "near"): 0.998, ("near", "unknown"): 0.985, ("near", "differ"): 0.7,
    ("unknown", "agree"): 0.999, ("unknown", "near"): 0.995, ("unknown", "unknown"): 0.97, ("unknown", "differ"): 0.3,
    ("differ", "agree"): 0.5, ("differ", "near"): 0.2,
}  # fmt: skip
REPAIRED: Cells = {
    ("agree", "agree"): 0.9995, ("agree", "near"): 0.998, ("agree", "unknown"): 0.998, ("agree", "differ"): 0.97,
    ("near", "agree"): 0.995, ("near", "near"): 0.98, ("near", "unknown"): 0.85,
    ("unknown", "agree"): 0.98, ("unknown", "near"): 0.85,
    ("differ", "agree"): 0.3,
}  # fmt: skip
EARLIER: Cells = {
    ("agree", "agree"): 0.9999, ("agree", "near"): 0.9995, ("agree", "unknown"): 0.999, ("agree", "differ"): 0.99,
    ("near", "agree"): 0.999, ("near", "near"): 0.99, ("near", "unknown"): 0.98,
    ("unknown", "agree"): 0.998, ("unknown", "near"): 0.98, ("differ", "agree"): 0.97,
}  # fmt: skip
TABLES: Mapping[str, Cells] = {"reference": REFERENCE, "number": NUMBER, "repaired": REPAIRED, "earlier": EARLIER}

CORROBORATED = 0.98
CORROBORATED_CELLS = (("number", "differ", "agree"), ("reference", "unknown", "differ"), ("reference", "near", "differ"))
"""What one spouse in common (for a number) or the same parents (for a reference) make sure: with one number and birth date, somebody took
another name; with one certificate, a birth date was written wrong."""
SEX_CLASH = {"agree": 0.99, "other": 0.3}
"""Ceilings when sexes contradict: with names that agree, the sex is the mistake."""


def case_of(mapping: Mapping[str, str], column: str, otherwise: str) -> str:
    """A mapping as an SQL CASE."""
    arms = " ".join(f"WHEN '{key}' THEN '{value}'" for key, value in mapping.items())
    return f"CASE {column} {arms} ELSE '{otherwise}' END"


def rows() -> list[tuple[str, str, str, float]]:
    """Every cell: table, class of names, class of birth dates, probability."""
    return [(table, name, birth, p) for table, cells in TABLES.items() for (name, birth), p in cells.items()]
