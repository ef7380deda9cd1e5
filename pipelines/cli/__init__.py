"""The command line: ``rollcall``. Parses options, calls the flow or the desk, prints; decides nothing."""

import sys

import typer

from pipelines.cli import cases, linkage, look, nights, quality, setup
from pipelines.cli.output import complain, emit
from pipelines.errors import RollcallError

app = typer.Typer(
    name="rollcall",
    help="Call the roll across every register: who exists, which records are one person, where the registers disagree.",
    epilog="Exit codes: 0 done, 1 bug, 2 usage or configuration, 3 held by a gate, 4 done but too much quarantined, 5 busy, 6 audit, 75 try again.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for part in (nights, setup, look, cases, quality, linkage):
    part.register(app)


def main() -> None:
    """Run the command line; an error of ours is one line (or JSON) and its exit code, never a traceback."""
    try:
        app(standalone_mode=True)
    except RollcallError as error:
        if "--json" in sys.argv:
            emit({"error": error.as_dict()})
        complain(error.line())
        sys.exit(error.exit_code)
