"""`edi run` and `edi demo`: the daemon, and a show of it against a retailer of our own making."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.codes import BUG, CLEAN, HELD, WORLD
from edi_engine.cli.diagnostic import remarked
from edi_engine.cli.door import Call, shared
from edi_engine.cli.exits import exit_code
from edi_engine.cli.plain import counted
from edi_engine.cli.trade import told
from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Position

if TYPE_CHECKING:
    from edi_engine.app.demonstration import DemoReport

REFUSED: Final = "partner.edition.refused"
"""What tells that the partner files were refused as a whole; the problems in them follow."""


@click.command(short_help="Pick up, answer and deliver until told to stop.")
@click.option("--once", is_flag=True, help="Stop when nothing is waiting any more.")
@shared
def run(call: Call, *, once: bool) -> int:
    """Pick up, answer and deliver until told to stop (Ctrl-C or SIGTERM)."""
    findings = app.run(call.settings(), once=once)
    code = exit_code(findings)

    def text() -> None:
        """Write to stdout: stderr has the log, one JSON document a line."""
        terminal.lines(remarked(_once(finding), width=terminal.width()) for finding in findings)
        if findings:
            causes = sum(finding.code != REFUSED for finding in findings) or 1
            terminal.lines((f"{counted(causes, 'thing')} could not be done.",))

    call.answer("run", {"exit": code, "stopped": True, "findings": findings}, text)
    return code


def _once(finding: Finding) -> Finding:
    """Take the first problem out of what tells of a refused edition: here all problems follow it."""
    if finding.code != REFUSED:
        return finding
    return replace(finding, message=finding.message.partition(" First problem: ")[0], where=Position())


@click.command(short_help="Watch a sandbox retailer order and be answered.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("edi-demo"),
    show_default=True,
    help="Where the demo's store, partner files and documents go.",
)
@shared
def demo(call: Call, folder: Path) -> int:
    """Start a sandbox retailer, let it order, and watch orders go in and answers come out.

    Nothing leaves this machine. Run it again: the retailer sends new orders into the same store.
    """
    if call.home or call.db:
        message = "the demo has a home and a store of its own; --folder says where"
        raise UsageError(message)
    done = app.demo(folder, terminal.say)
    code = _verdict(done)
    call.answer("demo", {"exit": code, "report": done}, lambda: terminal.lines(told(done, terminal.table_width())))
    if not call.as_json:
        terminal.suggest(*((command, "") for command in done.next_commands))
    return code


def _verdict(report: DemoReport) -> int:
    """Give the exit code. A broken promise is a bug of ours; what the retailer complains of, a person must judge."""
    if report.audit:
        return BUG
    if not report.finished:
        return WORLD
    return HELD if report.problems else CLEAN
