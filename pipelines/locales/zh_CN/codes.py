"""Code lists that registers share: sex (GB/T 2261.1)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import pandas as pd

from pipelines.locales.distinct import mapped, words

MALE = words("男 1 01 M MALE 男性 男孩 男婴 男子")
FEMALE = words("女 2 02 F FEMALE 女性 女孩 女婴 女子")
SEXES = dict.fromkeys(MALE, "M") | dict.fromkeys(FEMALE, "F")


@dataclass(frozen=True)
class ChineseSexes:
    """Sex of the ``zh_CN`` pack."""

    def parse(self, raw: pd.Series) -> pd.Series:
        """``M``, ``F``, or null for blank, 0 (unknown), 9 (unstated) and anything else."""
        return mapped(raw, lambda text: SEXES.get(unicodedata.normalize("NFKC", text).strip().upper()))
