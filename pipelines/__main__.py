"""``python -m pipelines`` is ``rollcall``."""

from pipelines.cli import main

main()
