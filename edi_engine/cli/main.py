"""`edi`: all commands, under one door. Only the one that is called is loaded."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple

import click

from edi_engine import __version__
from edi_engine.cli.door import DB, HOME, Call, Door

_EPILOG: Final = (
    "Exit codes: 0 clean, 1 held for a person (of diff: different), 2 usage (or overtaken by a change), 3 X12 refused, "
    "4 configuration or mapping wrong, 5 connection or disk, 70 a bug of ours; where several fit, the highest."
)


class Place(NamedTuple):
    """Where a command stands: its module in this folder, its name there, and what it says of itself in one line."""

    module: str
    name: str
    help: str


COMMANDS: Final = {
    "demo": Place("service", "demo", "Watch a sandbox retailer order and be answered."),
    "run": Place("service", "run", "Pick up, answer and deliver until told to stop."),
    "validate": Place("validate", "validate", "Say everything that is wrong with a file."),
    "process": Place("file", "process", "Take one file through the whole pipeline."),
    "replay": Place("file", "replay", "See what a file would become today."),
    "show": Place("file", "show", "Show a file with names beside its codes."),
    "diff": Place("diff", "diff", "Tell what two files or orders say differently."),
    "explain": Place("explain", "explain", "Say what a code means: a finding's, a 997's, or any of X12."),
    "exceptions": Place("exceptions", "exceptions", "See what waits for a person, and decide it."),
    "orders": Place("orders", "orders", "See the booked orders; ship and bill them."),
    "outbox": Place("outbox", "outbox", "See what we send; hold it back, send it again."),
    "partner": Place("upkeep", "partner", "See the partners, and check their files."),
    "dictionary": Place("dictionary", "dictionary", "Look into the X12 standard, or write it for others."),
    "doctor": Place("upkeep", "doctor", "Look for what may keep the engine from working."),
    "audit": Place("upkeep", "audit", "Check every promise on the store."),
    "db": Place("upkeep", "db", "Care for the store."),
}
"""All commands, in the order of a day's work. A test holds each line to the command's own help."""


class Front(Door):
    """The door of the house: it lists all commands and loads none but the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the commands in the order of a day's work."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command; None where there is none of this name."""
        del ctx
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command: click.Command = getattr(import_module(f"edi_engine.cli.{place.module}"), place.name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without loading them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in COMMANDS.items()])


@click.group(
    cls=Front, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@HOME
@DB
@click.option("--traceback", is_flag=True, help="Show where a bug of ours happened.")
@click.version_option(__version__, prog_name="edi")
@click.pass_context
def main(ctx: click.Context, home: Path | None, db: str | None, *, traceback: bool) -> None:
    """Take X12 purchase orders in, answer them, ship and bill them."""
    ctx.obj = Call(home, db, traceback=traceback)
