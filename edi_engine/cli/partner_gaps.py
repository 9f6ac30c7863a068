"""`edi partner gaps`: the interchange numbers of partners that did not come."""

from __future__ import annotations

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.door import Call, shared
from edi_engine.cli.plain import counted
from edi_engine.cli.table import table


@click.command(short_help="List the interchange numbers of partners that did not come.")
@click.option("--days", type=click.IntRange(1), default=30, metavar="N", help="How far back to look; 30 if not said.")
@shared
def gaps(call: Call, days: int) -> None:
    """List the interchange numbers (ISA13) that did not come although later ones of the same sender did.

    A gap may be a file that was lost on its way: ask the partner. Many partners count across all whom they write to;
    their gaps say nothing, and nothing is refused for a gap.
    """
    found = app.partner_gaps(call.settings(), days)

    def text() -> None:
        rows = [
            (one.partner or "-", one.sender, one.receiver, f"{gap.first:09d}", f"{gap.last:09d}", f"{gap.count:,}")
            for one in found
            for gap in one.gaps
        ]
        if not rows:
            terminal.put(f"No gaps in the last {counted(days, 'day')}.")
            return
        terminal.put(table(("partner", "from", "to", "first", "last", "numbers"), rows))

    call.answer("partner-gaps", {"days": days, "gaps": found}, text)
