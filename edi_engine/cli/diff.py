"""`edi diff`: what two files, documents or orders say differently, by what they mean and not by their bytes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.codes import CLEAN, DIFFERENT
from edi_engine.cli.diagnostic import render
from edi_engine.cli.door import Call, Reading, read, shared
from edi_engine.cli.exits import exit_code
from edi_engine.cli.plain import counted, safe
from edi_engine.cli.table import table
from edi_engine.errors import UsageError

if TYPE_CHECKING:
    from edi_engine.app.comparable import Given
    from edi_engine.app.comparing import Compared, Part

_STORED: Final = re.compile(r"(?:(?:file|document|order|case):)?[0-9]{1,9}")


class Comparable(Reading):
    """An argument that names a file, or what the store keeps: `7`, `file:7`, `document:33`, `order:12`, `case:5`."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """Take a file that is there as a file, whatever its name looks like."""
        if isinstance(value, str) and _stored(value):
            return value
        return super().convert(value, param, ctx)


def _stored(name: str) -> bool:
    return _STORED.fullmatch(name) is not None and not Path(name).exists()


@click.command(short_help="Tell what two files or orders say differently.")
@click.argument("before", type=Comparable(), metavar="A")
@click.argument("after", type=Comparable(), metavar="B")
@click.option("--envelope", is_flag=True, help="Compare ISA, GS, ST and SE, too: addresses, times, numbers.")
@click.option(
    "--orders/--segments", default=None, help="Compare orders in the words of maps, or segments. Default: see above."
)
@shared
def diff(call: Call, before: str, after: str, *, envelope: bool, orders: bool | None) -> int:
    """Tell what A and B say differently, by what they mean and not by their bytes.

    Each is an X12 file (- reads stdin), or what the store keeps: 7 or file:7 is a file that came, document:33 a
    document of ours, order:12 a booked order (ours: 12), case:5 what a case is about.

    Sets meet by the number of their order, shipment or invoice. Order, delimiters, line ends, control numbers, blanks
    and empty elements at an end, and the spelling of numbers do not count. Where A or B is a booked order, both are
    compared as orders; else segment by segment. Ends with 0 where they say the same, with 1 where they differ.
    """
    if before == after == "-":
        message = "only one of both can be read from stdin"
        raise UsageError(message)
    found = app.compare(call.settings(), _given(before), _given(after), envelope=envelope, orders=orders)
    code = max(exit_code(found.findings), CLEAN if found.same else DIFFERENT)

    def text() -> None:
        terminal.put(f"A: {safe(found.before)}\nB: {safe(found.after)}")
        for part in found.parts:
            if part.only is not None or part.rows:
                terminal.put("\n" + _drawn(part, terminal.table_width()))
        if found.same:
            terminal.put("\nNo difference." if found.parts else "\nNothing to compare.")
        else:
            terminal.put(f"\n{_summed(found)}.")
        for finding in found.findings:
            data = found.before_data if finding.where.file == found.before else found.after_data
            terminal.say(render(finding, data, color=False, width=terminal.width()))

    told = ("before", "after", "orders", "parts", "findings")
    content = {"exit": code, "same": found.same, **{name: getattr(found, name) for name in told}}
    call.answer("diff", content, text)
    return code


def _given(name: str) -> Given:
    return app.given(name) if _stored(name) else app.given(*read(name))


def _drawn(part: Part, width: int) -> str:
    if part.only is not None:
        return f"{safe(part.title)}: only in {part.only}"
    rows = [
        (row.place, row.what, _said(row.before, row.before_means), _said(row.after, row.after_means))
        for row in part.rows
    ]
    return f"{safe(part.title)}\n{table(('place', 'what', 'A', 'B'), rows, width=width)}"


def _said(text: str | None, means: str | None) -> str:
    if text is None:
        return "-"
    return f"{text} ({means})" if means else text


def _summed(found: Compared) -> str:
    number = sum(len(part.rows) for part in found.parts)
    lone = sum(part.only is not None for part in found.parts)
    parts = [counted(number, "difference")] if number or not lone else []
    if lone:
        parts.append(f"{counted(lone, 'order' if found.orders else 'set')} on one side only")
    return ", ".join(parts)
