"""Identity numbers of GB 11643-1999: 17 digits and a check character by ISO 7064 MOD 11-2, or the 15 digits used until 1999."""

import numpy as np
import pandas as pd

FULL = r"^[0-9]{17}[0-9X]\Z"
OLD = r"^[0-9]{15}\Z"
CHECK_CHARACTERS = "10X98765432"
WEIGHTS = tuple(2**k % 11 for k in range(17, 0, -1))
"""Weights of the first 17 characters, from the left."""


def holds(column: pd.Series) -> pd.Series:
    """Whether each value has 18 characters with a right check character, or 15 digits.

    >>> holds(pd.Series(["880101198001010011", "880101198001010012", "880101800101001"])).tolist()
    [False, True, True]
    """
    values = column.astype(str)
    right = values.str.contains(OLD)
    full = values.str.contains(FULL)
    if full.any():
        letters = np.frombuffer("".join(values[full]).encode("ascii"), dtype=np.uint8).reshape(-1, 18)
        total = (letters[:, :17].astype(np.int64) - ord("0")) @ np.array(WEIGHTS)
        expected = np.frombuffer(CHECK_CHARACTERS.encode("ascii"), dtype=np.uint8)[total % 11]
        right.loc[full] = letters[:, 17] == expected
    return right


def sql(column: str) -> str:
    """The same as an SQL condition on a column expression, by integer arithmetic."""
    number = f"TRY_CAST(substr({column}, 1, 17) AS BIGINT)"
    total = " + ".join(f"(({number} // {10**k}) % 10) * {weight}" for k, weight in enumerate(reversed(WEIGHTS)))
    return (
        f"CASE WHEN regexp_matches({column}, '{_re2(FULL)}') "
        f"THEN substr({column}, 18, 1) = substr('{CHECK_CHARACTERS}', CAST(1 + ({total}) % 11 AS INTEGER), 1) "
        f"ELSE regexp_matches({column}, '{_re2(OLD)}') END"
    )


def _re2(pattern: str) -> str:
    return pattern.replace(r"\Z", r"\z")
