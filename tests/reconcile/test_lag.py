"""Delays estimated in spite of right truncation."""

import numpy as np
import pandas as pd
import pytest

from pipelines.reconcile.lag import FEWEST_AT_RISK, estimate_lag


def observed(delays: np.ndarray, days: int, seed: int = 7) -> tuple[pd.DataFrame, int]:
    """Events spread evenly over ``days``, each with a drawn delay; only those that arrived by T. Also: how many did not."""
    rng = np.random.default_rng(seed)
    ago = rng.integers(0, days, 40_000)
    delay = rng.choice(delays, 40_000)
    arrived = delay <= ago
    frame = pd.DataFrame({"ago": ago[arrived], "delay": delay[arrived]}).value_counts().rename("n").reset_index()
    return frame, int((~arrived).sum())


def test_percentiles_are_those_of_the_whole_distribution() -> None:
    rng = np.random.default_rng(1)
    delays = np.minimum(rng.geometric(1 / 20, 200_000), 120)
    frame, _ = observed(delays, days=200)
    estimate = estimate_lag(frame)
    assert estimate.median == pytest.approx(np.median(delays), abs=1)
    assert estimate.p90 == pytest.approx(np.quantile(delays, 0.9), abs=3)


def test_recent_events_make_the_plain_average_too_short_but_not_the_estimate() -> None:
    delays = np.array([2] * 50 + [60] * 50)
    frame, missing = observed(delays, days=80)
    plain = np.average(frame["delay"] <= 2, weights=frame["n"])
    assert plain > 0.7
    estimate = estimate_lag(frame)
    assert (estimate.median, estimate.p90) == (2, 60)
    assert estimate.to_come == pytest.approx(missing, rel=0.1)


def test_nothing_is_to_come_when_all_is_at_once() -> None:
    estimate = estimate_lag(pd.DataFrame({"ago": range(100), "delay": [0] * 100, "n": [1] * 100}))
    assert (estimate.median, estimate.p99, estimate.to_come) == (0, 0, 0)


def test_too_few_events_say_nothing() -> None:
    estimate = estimate_lag(pd.DataFrame({"ago": [5, 9], "delay": [1, 3], "n": [1, FEWEST_AT_RISK - 2]}))
    assert estimate.median is None
    assert estimate.longest is None
