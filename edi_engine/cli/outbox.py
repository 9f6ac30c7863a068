"""`edi outbox`: what we send, how far it is, holding it back and sending it again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.diagnostic import render
from edi_engine.cli.document_story import STANDS, document_table, resend_story, story
from edi_engine.cli.door import Call, Door, shared
from edi_engine.cli.exits import exit_code
from edi_engine.cli.plain import counted
from edi_engine.cli.segments import segments
from edi_engine.cli.show import drawn
from edi_engine.desk.outbox import STANDINGS, DocumentsWanted
from edi_engine.desk.resend import Way
from edi_engine.errors import UsageError
from edi_engine.x12.reader import outline

if TYPE_CHECKING:
    from edi_engine.desk.outbox import DocumentEntry

_NUMBERS = click.argument("documents", type=int, nargs=-1, required=True, metavar="ID...")


@click.group(cls=Door)
def outbox() -> None:
    """See what we send; hold it back, send it again."""


@outbox.command("list", short_help="List what is not settled yet.")
@click.option("--partner", metavar="NAME", help="Only what goes to this partner.")
@click.option("--kind", metavar="KIND", help="Only this kind: 997, 855, 856, 810, erp-json ...")
@click.option("--state", "standing", type=click.Choice(STANDINGS), help="Only documents that stand so.")
@click.option("--connection", metavar="NAME", help="Only what goes by this connection.")
@click.option("--all", "every", is_flag=True, help="All documents, those that are settled among them.")
@shared
def list_(
    call: Call, partner: str | None, kind: str | None, standing: str | None, connection: str | None, *, every: bool
) -> None:
    """List what waits, what failed and is tried again, what is held, and what the partner has not answered.

    Without --all or --state, documents that are settled are left out: delivered ones that nobody answers, accepted
    ones, and rejected ones whose case is closed.
    """
    found = app.list_documents(call.settings(), DocumentsWanted(partner, kind, connection, standing, every))

    def text() -> None:
        if not found:
            terminal.put("No such document." if every or standing else "Nothing waits, and every answer is in.")
            return
        terminal.put(document_table(found, terminal.now(), terminal.table_width()))
        terminal.put(f"\n{counted(len(found), 'document')}: {_counted(found)}.")
        terminal.suggest((call.edi("outbox", "show", found[0].record.id), "all there is to tell of one"))

    call.answer("outbox-list", {"documents": found}, text)


def _counted(found: tuple[DocumentEntry, ...]) -> str:
    counts = Counter(one.standing for one in found)
    return ", ".join(f"{counts[standing]:,} {STANDS[standing]}" for standing in STANDINGS if counts[standing])


@outbox.command("show", short_help="Tell one document from its cause to its answer.")
@click.argument("document", type=int, metavar="ID")
@shared
def show(call: Call, document: int) -> None:
    """Tell one document: what caused it, its numbers, how it went, what the partner said, and its segments."""
    settings = call.settings()
    view = app.show_document(settings, document)
    record = view.entry.record
    x12 = view.data.lstrip().startswith(b"ISA")

    def text() -> None:
        terminal.lines(story(view, terminal.now()))
        for finding in view.faults:
            terminal.put(render(finding, color=terminal.color(), width=terminal.width()))
        terminal.put("")
        if x12:
            found = outline(view.data, file=record.name)
            listed = segments(view.data, found, app.dictionary(settings))
            terminal.lines(drawn(listed, color=terminal.color()))
        ways = []
        if view.entry.standing in {"waiting", "resting"}:
            ways.append((call.edi("outbox", "hold", document, "--why", "REASON"), "hold it back"))
        if view.entry.standing == "held":
            ways.append((call.edi("outbox", "release", document), "let it go"))
        if view.entry.standing in {"rejected", "overdue"}:
            ways.append((call.edi("outbox", "resend", document), "see what sending it again would send"))
        if ways:
            terminal.suggest(*ways)

    content = {
        "document": view.entry,
        "cause": view.cause,
        "answer": view.answer,
        "faults": view.faults,
        "cases": view.cases,
        "sends_again": view.origin,
        "sent_again": view.again,
        "history": view.history,
        "data": view.data,
    }
    call.answer("outbox-show", content, text)


@outbox.command("hold", short_help="Hold documents back that have not begun to go.")
@_NUMBERS
@click.option("--why", metavar="TEXT", required=True, help="The reason; it is kept with the document.")
@shared
def hold(call: Call, documents: tuple[int, ...], why: str) -> None:
    """Hold documents back, all of them or none. What waits behind goes on without them.

    Only later documents to the same partner for the same order stay, too: a ship notice never goes before its answer.
    """
    if not why.strip():
        message = "--why needs a reason; somebody else will want to know it"
        raise UsageError(message)
    found = app.hold(call.settings(), documents, why.strip())

    def text() -> None:
        terminal.put(document_table(found, terminal.now(), terminal.table_width()))
        terminal.suggest((call.edi("outbox", "release", *documents), "let them go"))

    call.answer("outbox-hold", {"documents": found}, text)


@outbox.command("release")
@_NUMBERS
@shared
def release(call: Call, documents: tuple[int, ...]) -> None:
    """Let held documents go, all of them or none."""
    found = app.release(call.settings(), documents)

    def text() -> None:
        terminal.put(document_table(found, terminal.now(), terminal.table_width()))
        terminal.say("\nDone. They go out with the daemon, `edi run`.")

    call.answer("outbox-release", {"documents": found}, text)


@outbox.command("resend", short_help="Send a document again; shown first, done with --commit.")
@_NUMBERS
@click.option("--new-number", "renumbered", is_flag=True, help="The same text, under new control numbers.")
@click.option("--rewrite", "rewritten", is_flag=True, help="Written anew from its order, under new control numbers.")
@click.option("--commit", is_flag=True, help="Act. Without it nothing is sent; what would be is shown.")
@shared
def resend(call: Call, documents: tuple[int, ...], *, renumbered: bool, rewritten: bool, commit: bool) -> int:
    """Send documents again that have left: the same bytes, under a file name of their own.

    The partner who has the first ones takes the same bytes for the same document. After they rejected one, it needs new
    control numbers: with --new-number the text stays, with --rewrite it is what today's map and tables make of its
    order, shipment or invoice. Nothing is ever sent again by itself.
    """
    if renumbered and rewritten:
        message = "--rewrite gives new numbers, too; leave --new-number out"
        raise UsageError(message)
    way = Way.REWRITTEN if rewritten else Way.RENUMBERED if renumbered else Way.SAME
    shown = [app.preview_resend(call.settings(), number, way) for number in dict.fromkeys(documents)]
    findings = tuple(finding for one in shown for finding in one.findings)
    done = commit and not findings
    if done:
        shown = [app.resend(call.settings(), one.original.id, way) for one in shown]
        findings = tuple(finding for one in shown for finding in one.findings)
    code = exit_code(findings)

    def text() -> None:
        for one in shown:
            terminal.lines(resend_story(one))
            for finding in one.findings:
                terminal.put(render(finding, color=terminal.color(), width=terminal.width()))
        if done:
            terminal.say("\nDone. It goes out with the daemon, `edi run`.")
        elif not findings:
            how = {Way.REWRITTEN: ["--rewrite"], Way.RENUMBERED: ["--new-number"], Way.SAME: []}[way]
            terminal.suggest((call.edi("outbox", "resend", *documents, *how, "--commit"), "send it again"))

    content = {"exit": code, "committed": done, "way": str(way), "documents": shown, "findings": findings}
    call.answer("outbox-resend", content, text)
    return code
