"""``python -m data_samples.simulator --persons 2000 --nights 3 --seed 88 --out DIR [--scenario 2010|2024] [--every 7]``."""

import argparse
import json
import sys
from datetime import date
from pathlib import Path

from data_samples.simulator.run import DEFAULT_START, simulate
from data_samples.simulator.scenario import SCENARIOS


def main(argv: list[str] | None = None) -> int:
    """Parse the command line, simulate, print a summary; 2 on wrong arguments."""
    parser = argparse.ArgumentParser(prog="python -m data_samples.simulator", description="Simulate deliveries of the made-up province 88.")
    parser.add_argument("--persons", type=int, required=True)
    parser.add_argument("--nights", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--scenario", choices=sorted(SCENARIOS), default="2010")
    parser.add_argument("--every", type=int, default=1, help="days from one night to the next")
    parser.add_argument("--start", type=date.fromisoformat, default=DEFAULT_START)
    given = parser.parse_args(argv)
    try:
        report = simulate(given.persons, given.nights, given.seed, given.out, given.scenario, start=given.start, every=given.every)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    summary = {"persons": report.persons, "rows": report.rows, "anomalies": report.anomalies, "seconds": round(report.seconds, 2)}
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
