"""The command `greenlm`: its subcommands, its exit codes, and how its errors look.

Exit codes: 0 done; 1 a lesson failed; 2 what was asked for cannot be done, told in one line; 3 nothing is measured on
this machine (`doctor`); 130 stopped with Ctrl-C.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from greenlm_edu import __version__
from greenlm_edu.cli.doctor import doctor
from greenlm_edu.cli.lab import lab
from greenlm_edu.cli.lessons import lessons
from greenlm_edu.cli.recording import record
from greenlm_edu.cli.report import report
from greenlm_edu.cli.statement import statement
from greenlm_edu.errors import GreenLMError

__all__ = ["app", "main"]

CANNOT: Final = 2
STOPPED: Final = 130


class _Commands(TyperGroup):
    """The subcommands, with every error of the package as one line on stderr instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except GreenLMError as err:
            typer.echo(f"greenlm {' '.join(str(err).split())}", err=True)
            raise typer.Exit(CANNOT) from err
        except KeyboardInterrupt as err:
            raise typer.Exit(STOPPED) from err


# Without rich's help pages `greenlm --help` takes half the time; the tables of the commands use rich all the same.
app = typer.Typer(
    name="greenlm",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _command in (doctor, lab, lessons, record, report, statement):
    app.command()(_command)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"greenlm-edu {__version__}")
        raise typer.Exit


@app.callback()
def _greenlm(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Learn how language models work, and see what training them costs in energy and emissions."""


def main() -> None:
    """What the console script `greenlm` runs."""
    for stream in (sys.stdout, sys.stderr):
        # A console of few letters (Windows, LANG=C) shows “?” for “●” instead of ending the program.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(STOPPED)
