"""`edi process`, `edi replay` and `edi show`: one file through the pipeline, again, or just looked at."""

from __future__ import annotations

import os
from pathlib import Path

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.cases import case_rows
from edi_engine.cli.diagnostic import render
from edi_engine.cli.door import KEPT, WRAP, Call, Kept, Reading, read, shared, wrapped
from edi_engine.cli.exits import exit_code
from edi_engine.cli.order_story import standing
from edi_engine.cli.plain import counted, safe
from edi_engine.cli.segments import raw as raw_segments
from edi_engine.cli.segments import segments
from edi_engine.cli.shape import document
from edi_engine.cli.show import drawn
from edi_engine.cli.table import table
from edi_engine.x12.reader import outline


@click.command(short_help="Take one file through the whole pipeline.")
@click.argument("file", type=Reading())
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the answers; accepted orders go into its folder erp.",
)
@WRAP
@shared
def process(call: Call, file: str, out: Path, wrap: int | None) -> int:
    """Take one FILE through the whole pipeline: answers go into a folder, what waits becomes cases.

    The store is DIR/edi.db, unless --db or EDI_DB name another.
    """
    _, data = read(file)
    name = "stdin" if file == "-" else os.fsencode(Path(file).name).decode("utf-8", "surrogateescape")
    settings = call.settings()
    done = app.process(settings, data, name, out, own_store=call.names_a_store, wrap=wrap)
    if not call.names_a_store:
        call.db = f"sqlite:///{out / 'edi.db'}"
    code = exit_code(done.findings)

    def text() -> None:
        known = done.file.state == "DUPLICATE"
        did = "what was left to do of it was done" if done.written else "nothing was done again"
        again = f"; the same bytes came before as file {done.file.arrival_of}, {did}" if known else ""
        terminal.put(f"File {done.file.id} {safe(done.file.name)}: {done.file.state.lower()}{again}.")
        if done.orders:
            rows = [
                (str(one.id), one.partner, one.po_number, "live" if one.live else "test", standing(one))
                for one in done.orders
            ]
            terminal.put("\n" + table(("order", "partner", "PO number", "", "state"), rows))
        for finding in done.repeats:
            terminal.put("\n" + render(finding, color=terminal.color(), width=terminal.width()))
        terminal.lines(f"still to come of {safe(po_number)}: {safe(told)}" for po_number, told in done.to_come)
        if done.cases:
            terminal.put("\n" + case_rows(done.cases, terminal.now(), terminal.table_width()))
        if done.written:
            terminal.lines(("", f"{counted(len(done.written), 'file')} written:"))
            terminal.lines(f"  {safe(str(path))}" for path in done.written)
        if done.cases:
            placed = (call.edi("validate", file, *wrapped(wrap)), "every finding in its place in the file")
            terminal.suggest(
                (call.edi("exceptions", "show", done.cases[0].id), "why it waits, and what may be done"),
                *(() if file == "-" else (placed,)),
            )
        elif done.orders:
            terminal.suggest((call.edi("orders", "show", done.orders[0].id), "the order, line by line"))

    content = {
        "exit": code,
        "file": done.file,
        "orders": done.orders,
        "documents": done.documents,
        "cases": done.cases,
        "written": done.written,
        "to_come": tuple({"po_number": po_number, "what": told} for po_number, told in done.to_come),
        "findings": (*done.findings, *done.repeats),
    }
    call.answer("process", content, text)
    return code


@click.command(short_help="See what a file would become today.")
@click.argument("target", metavar="FILE|ID")
@click.option("--commit", is_flag=True, help="Act: take up again what waits of a stored file.")
@shared
def replay(call: Call, target: str, *, commit: bool) -> int:
    """Walk a file again with today's partner files, and show the difference.

    It is given by its path, as - for stdin, or as the number of a stored one.

    Nothing is changed or sent without --commit.
    """
    given = read(target)[1] if target == "-" else None
    done = app.replay(call.settings(), target, commit=commit, given=given)
    code = exit_code(done.findings)

    def text() -> None:
        terminal.put(f"{safe(done.title)}: " + ("taken up again" if done.committed else "as it would be today"))
        terminal.lines(("", *(_diff_line(line) for line in done.diff)))
        if not done.diff:
            terminal.put("No difference." if done.before else "\n".join(safe(line) for line in done.after))
        for note in done.notes:
            terminal.say(safe(note))
        if not commit and done.before and done.diff and given is None:
            terminal.suggest((call.edi("replay", target, "--commit"), "take up what waits, with today's partner files"))

    told = ("title", "before", "after", "diff", "committed", "notes", "findings")
    call.answer("replay", {"exit": code, **{name: getattr(done, name) for name in told}}, text)
    return code


def _diff_line(line: str) -> str:
    colors = {"+": "green", "-": "red", "@": "cyan"}
    shown = safe(line)
    return click.style(shown, fg=colors[line[0]]) if line[:1] in colors and terminal.color() else shown


def _plain(call: Call, name: str, data: bytes) -> int:
    """Show what is no X12, such as an order for the ERP, as the text that it is."""
    text = data.decode("utf-8", "backslashreplace")
    content = {"exit": 0, "file": name, "text": text}
    call.answer("show", content, lambda: terminal.lines(safe(line) for line in text.splitlines()))
    return 0


@click.command(short_help="Show a file with names beside its codes.")
@click.argument("file", type=Kept(), metavar="FILE|ID")
@click.option("--raw", is_flag=True, help="Only the segments as they stand, one a line.")
@WRAP
@shared
def show(call: Call, file: str, wrap: int | None, *, raw: bool) -> int:
    """Show X12, one segment a line, indented by loops, with names beside elements and codes.

    FILE is a file (- reads stdin). An ID is what the store keeps: 7 or file:7 is a file that came, document:105 a
    document of ours as it was sent.
    """
    stored = KEPT.fullmatch(file) is not None and not Path(file).exists()
    name, data = app.stored(call.settings(), file) if stored else read(file, wrap)
    if stored and not data.lstrip().startswith(b"ISA"):
        return _plain(call, name, data)
    found = outline(data, file=name)
    code = exit_code(found.findings)
    if call.as_json:
        listed = tuple(segments(data, found, app.dictionary(call.settings())))
        terminal.put(document("show", {"exit": code, "file": name, "segments": listed, "findings": found.findings}))
        return code
    if raw:
        terminal.lines(safe(line) for line in raw_segments(data, found))
    else:
        terminal.lines(drawn(segments(data, found, app.dictionary(call.settings())), color=terminal.color()))
    for finding in found.findings:
        terminal.say(render(finding, data, color=False, width=terminal.width()))
    return code
