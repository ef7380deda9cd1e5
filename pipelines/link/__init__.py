"""Which observations speak of one person: the cascade of tiers 0 to 4, from observations to judged pairs.

Here belongs what knows sources, roles and tiers. What compares, scores and clusters knows neither and stands in `matching`; who a person
is over the nights is decided in `pipelines.identify`.
"""

from pipelines.link.step import run

__all__ = ["run"]
