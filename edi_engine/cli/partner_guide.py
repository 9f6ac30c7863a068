"""`edi partner guide`: the guide of a partner, out of the format of another program."""

from __future__ import annotations

from pathlib import Path

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.door import Call, shared
from edi_engine.cli.plain import counted


@click.command(
    short_help="Turn a pyx12 map into a guide for a partner file.", context_settings={"allow_extra_args": True}
)
@click.option(
    "--from-pyx12",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The map; dataele.xml and codes.xml beside it are read too.",
)
@click.option("--version", metavar="GS08", help="The version of X12 to hold it against. Default: what the map names.")
@shared
def guide(call: Call, file: Path | None, version: str | None) -> None:
    """Write what a pyx12 map narrows of X12 as a block `guide:` for partner.yaml.

    What the map says and a guide cannot, such as how often a segment may come, stands below it as comments.
    """
    stray = click.get_current_context().args
    if file is None or stray:
        given = stray[0] if len(stray) == 1 and file is None else "FILE"
        message = f"name the map, and only it, behind --from-pyx12: edi partner guide --from-pyx12 {given}"
        raise click.UsageError(message)
    made = app.guide_from_pyx12(call.settings(), file, version)

    def text() -> None:
        terminal.put(made.text.rstrip("\n"))
        more = counted(len(made.unsaid), "thing")
        terminal.say(f"{counted(made.rules, 'rule')} for the {made.set_id} in {made.version}; {more} left unsaid.")
        check = (call.edi("partner", "check"), "once the block is in the partner file")
        terminal.suggest(check)

    content = {"set": made.set_id, "version": made.version, "guide": made.text, "unsaid": made.unsaid}
    call.answer("partner-guide", content, text)
