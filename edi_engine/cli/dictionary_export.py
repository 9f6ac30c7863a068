"""`edi dictionary export`: the standard in another program's format."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.door import Call, shared
from edi_engine.cli.plain import counted, safe

_FORMATS: Final = ("pyx12",)


@click.command(short_help="Write sets of the standard in another program's format.")
@click.argument("sets", nargs=-1, required=True, metavar="SET...")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="pyx12", help="The format: pyx12 map XML.")
@click.option("--version", default="004010", metavar="GS08", help="The version, such as 005010. Default: 004010.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write into."
)
@shared
def export(call: Call, sets: tuple[str, ...], form: str, version: str, out: Path) -> None:
    """Write each SET, such as 850, and all that pyx12 needs beside it: envelope, elements, codes and an index.

    The folder is what pyx12 takes as its map path; its index names these sets and no others.
    """
    del form  # there is only one so far
    made = app.export_maps(call.settings(), version, sets, out)

    def text() -> None:
        terminal.lines(safe(str(path)) for path in made)
        terminal.say(f"{counted(len(made), 'file')}. pyx12 reads them with `x12valid -m {safe(str(out))} FILE`.")

    call.answer("dictionary-export", {"version": version, "sets": sets, "files": made}, text)
