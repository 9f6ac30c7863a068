"""`edi`: all commands, under one door."""

from __future__ import annotations

from pathlib import Path

import click

from edi_engine import __version__
from edi_engine.cli.door import DB, HOME, Call, Door
from edi_engine.cli.exceptions import exceptions
from edi_engine.cli.file import process, replay, show
from edi_engine.cli.orders import orders
from edi_engine.cli.service import demo, run
from edi_engine.cli.upkeep import audit, db, doctor, partner
from edi_engine.cli.validate import validate

_EPILOG = (
    "Exit codes: 0 clean, 1 held by rules, 2 usage, 3 X12 refused, 4 configuration or mapping wrong, "
    "5 connection or disk, 70 a bug of ours; where several fit, the highest."
)


@click.group(
    cls=Door, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@HOME
@DB
@click.option("--traceback", is_flag=True, help="Show where a bug of ours happened.")
@click.version_option(__version__, prog_name="edi")
@click.pass_context
def main(ctx: click.Context, home: Path | None, db: str | None, *, traceback: bool) -> None:
    """Take X12 purchase orders in, answer them, ship and bill them."""
    ctx.obj = Call(home, db, traceback=traceback)


for _command in (demo, run, validate, process, replay, show, exceptions, orders, partner, doctor, audit, db):
    main.add_command(_command)
