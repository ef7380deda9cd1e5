"""The page that lies beside every simulated world and says that it is one."""

from datetime import date

PAGE = """# SYNTHETIC deliveries of the made-up province 88

Made by the simulator: {persons:,} people, {nights} night(s) from {start} to {end}, seed {seed}, scenario {scenario}.
No person, number, name or place here is real. What the files are: `data_samples/README.md` of the project.

    inbox/<source>/<YYYYMMDD>/   files and manifest.json
    truth/                       records, anomalies, innocents, persons (Parquet)
    nights.json sources.json     business dates; lags, begin dates, file-level surprises
"""


def page(persons: int, dates: list[date], seed: int, scenario: str) -> str:
    """The text of README.md."""
    return PAGE.format(persons=persons, nights=len(dates), start=dates[0], end=dates[-1], seed=seed, scenario=scenario)
