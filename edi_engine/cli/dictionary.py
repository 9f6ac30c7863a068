"""`edi dictionary`: the X12 standard as this engine has it."""

from __future__ import annotations

import click

from edi_engine import app
from edi_engine.app.lookup import look_up
from edi_engine.cli import terminal
from edi_engine.cli.dictionary_export import export
from edi_engine.cli.door import Call, Door, shared
from edi_engine.cli.topics import content, drawn

VERSION = click.option(
    "--version", metavar="GS08", help="The version, such as 005010. Default: 004010, or one that has it."
)


@click.group(cls=Door)
def dictionary() -> None:
    """Look into the X12 standard, or write it for others."""


@dictionary.command("show", short_help="Show a set, a segment, an element or a code.")
@click.argument("what")
@click.argument("code", required=False)
@VERSION
@click.option("--element", is_flag=True, help="Take a number such as 850 as an element, not as a set.")
@shared
def show(call: Call, what: str, code: str | None, version: str | None, *, element: bool) -> None:
    """Show WHAT the standard says: a set (850), a segment (PO1), an element (PO106, 355), a CODE of one (355 CA)."""
    standard = app.dictionary(call.settings())
    found = look_up(standard, what, code, version, element=element)
    call.answer("dictionary-show", content(found), lambda: terminal.lines(drawn(found, standard)))


dictionary.add_command(export)
