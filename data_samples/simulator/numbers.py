"""Identity numbers of the made-up province: GB 11643-1999 check digit, one number per (division, birth date, sequence).

A number is kept as its first 17 digits in an integer (0 = none); the check digit follows from them. The body of a
real one: 6 division in force when the number was made, 8 birth date, 3 sequence (odd = male).
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_samples.simulator.clock import IntArray, compact

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
SEQUENCES = 499


def check_index(body: IntArray) -> IntArray:
    """Position of the check digit in ``CHECKS``: weighted sum modulo 11."""
    rest = np.asarray(body, dtype=np.int64).copy()
    total = np.zeros_like(rest)
    for weight in reversed(WEIGHTS):
        total += rest % 10 * weight
        rest //= 10
    return total % 11


def text(body: IntArray) -> pa.Array:
    """18 characters; null where there is no number."""
    checks = pa.array(list(CHECKS)).take(pa.array(check_index(body)))
    joined = pc.binary_join_element_wise(pc.cast(pa.array(body), pa.string()), checks, "")
    return pc.if_else(pa.array(np.asarray(body) == 0), pa.scalar(None, pa.string()), joined)


def one(body: int) -> str:
    """18 characters of one number."""
    return f"{body}{CHECKS[int(check_index(np.array([body]))[0])]}"


def rank_within(key: IntArray) -> IntArray:
    """Running number 0, 1, 2... of each value in its order of appearance."""
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]]
    starts = np.flatnonzero(first)
    ranks = np.empty(len(key), dtype=np.int64)
    ranks[order] = np.arange(len(key)) - np.repeat(starts, np.diff(np.r_[starts, len(key)]))
    return ranks


def issue(division: IntArray, birth: IntArray, male: np.ndarray, salt: int, skip: int = 0) -> IntArray:
    """Bodies, unique among themselves; ``skip`` leaves room for numbers issued before.

    A (division, day, sex) has 499 sequences; what does not fit is numbered by the province's
    city-district code 880101, as old registers did.
    """
    code, dates = np.asarray(division).copy(), compact(birth)
    for fallback in (880101, 880111, 880202):
        group = (code * 100_000_000 + dates) * 2 + male
        full = rank_within(group) + skip >= SEQUENCES
        if not full.any():
            break
        code[full] = fallback
    group = (code * 100_000_000 + dates) * 2 + male
    slot = (rank_within(group) + skip + (group * 48_271 + salt) % SEQUENCES) % SEQUENCES
    sequence = slot * 2 + np.where(male, 1, 2)
    bodies: IntArray = (code * 100_000_000 + dates) * 1000 + sequence
    return bodies


def permit(region: int, birth: int) -> int:
    """A residence permit (81/82/83) body; sequence 000 is never issued."""
    return (region * 10_000 * 100_000_000 + int(compact(np.array([birth]))[0])) * 1000


def foreigner(birth: int, country: int) -> int:
    """A foreign permanent resident's body: 9, accepting province 88, country, birth, sequence 000."""
    return ((988 * 1000 + country) * 100_000_000 + int(compact(np.array([birth]))[0])) * 1000
