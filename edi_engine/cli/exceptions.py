"""`edi exceptions`: the queue of what waits for a person."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.cases import case_rows, case_story, effect_story
from edi_engine.cli.door import Call, Door, shared
from edi_engine.cli.exits import CLEAN, HELD
from edi_engine.cli.plain import counted, money

if TYPE_CHECKING:
    from edi_engine.desk.queue import Entry

_STATES = ("open", "resolved", "dismissed", "all")


@click.group(cls=Door)
def exceptions() -> None:
    """See what waits for a person, and decide it."""


@exceptions.command("list", short_help="List cases, the most urgent first.")
@click.option("--partner", metavar="NAME", help="Only this partner's.")
@click.option(
    "--state", type=click.Choice(["open", "resolved", "dismissed", "all"]), default="open", help="Which ones."
)
@shared
def list_(call: Call, partner: str | None, state: str) -> None:
    """List cases, the nearest deadline first, then the most money."""
    found = app.list_cases(call.settings(), None if state == "all" else state.upper(), partner)

    def text() -> None:
        if not found:
            terminal.put("Nothing waits for a person." if state == "open" else "No such case.")
            return
        files = {one.record.id: one.file_name for one in found if one.file_name is not None}
        terminal.put(case_rows([one.record for one in found], terminal.now(), terminal.table_width(), files))
        terminal.put(f"\n{counted(len(found), 'case')}{_held(found)}.")
        terminal.suggest((call.edi("exceptions", "show", found[0].record.id), "why it waits, and what may be done"))

    call.answer("exceptions-list", {"cases": found}, text)


def _held(found: tuple[Entry, ...]) -> str:
    """Add up the money held, by currency; an order that several cases hold counts once for each case."""
    sums: dict[str, Decimal] = {}
    for one in found:
        if one.record.money_held is not None:
            currency = one.record.currency or ""
            sums[currency] = sums.get(currency, Decimal(0)) + one.record.money_held
    said = " and ".join(money(amount, currency or None) for currency, amount in sums.items())
    return f", {said} held" if said else ""


@exceptions.command("show", short_help="Show one case and what may be done.")
@click.argument("case", type=int, metavar="ID")
@shared
def show(call: Call, case: int) -> None:
    """Show one case: why it is there, where in the file, what may be done, what happened so far."""
    view = app.show_case(call.settings(), case)

    def text() -> None:
        story = case_story(view, terminal.now(), call.edi, color=terminal.color(), width=terminal.width())
        terminal.lines(story)
        if view.data is not None:
            terminal.suggest(
                (call.edi("show", view.entry.record.file_id), "the whole file, with names beside its codes")
            )

    content = {"case": view.entry, "file": view.file_name, "order": view.order, "history": view.history}
    call.answer("exceptions-show", content, text)


@exceptions.command("resolve", short_help="Decide a case; shown first, done with --commit.")
@click.argument("case", type=int, metavar="ID")
@click.argument("choice", metavar="CHOICE")
@click.option("--line", type=int, metavar="N", help="Decide for one line of the order only.")
@click.option("--commit", is_flag=True, help="Act. Without it the effect is only shown.")
@shared
def resolve(call: Call, case: int, choice: str, line: int | None, *, commit: bool) -> int:
    """Decide a case: accept-theirs, keep-ours, reject-line or dismiss, as `edi exceptions show` offers.

    Shows what the choice does to the documents; nothing is changed or sent without --commit.
    """
    act = app.resolve if commit else app.preview_resolution
    effect = act(call.settings(), case, choice, line)

    def text() -> None:
        terminal.lines(effect_story(effect))
        if commit:
            goes_out = bool(effect.after) or effect.erp
            terminal.say("\nDone." + (" What it wrote goes out with the daemon, `edi run`." if goes_out else ""))
        else:
            about = ("--line", line) if line is not None else ()
            terminal.suggest((call.edi("exceptions", "resolve", case, choice, *about, "--commit"), "do it"))

    call.answer("exceptions-resolve", {"committed": commit, "effect": effect}, text)
    return HELD if effect.still else CLEAN


@exceptions.command("retry", short_help="Try the step that stopped once more.")
@click.argument("case", type=int, metavar="ID")
@shared
def retry(call: Call, case: int) -> int:
    """Try the step that stopped once more, after a table, map or partner file was repaired."""
    done = app.retry(call.settings(), case)
    waits = done.case.state == "OPEN"

    def text() -> None:
        if waits:
            terminal.put(f"Case {case} still waits: {done.case.title}")
        else:
            terminal.put(f"Case {case} is {done.case.state.lower()}: {done.case.resolution or 'the cause is gone'}.")
        if done.others:
            terminal.put("\n" + case_rows(done.others, terminal.now(), terminal.table_width()))
        waiting = (done.case, *done.others) if waits else done.others
        if waiting:
            terminal.suggest((call.edi("exceptions", "show", waiting[0].id), "why it waits, and what may be done"))

    call.answer("exceptions-retry", {"case": done.case, "others": done.others}, text)
    return HELD if waits or done.others else CLEAN
