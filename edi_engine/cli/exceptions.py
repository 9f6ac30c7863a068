"""`edi exceptions`: the queue of what waits for a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from edi_engine import app
from edi_engine.cli import terminal
from edi_engine.cli.case_choosing import ALL_LIKE, NUMBER, WHY, filters, numbers_in, with_alike
from edi_engine.cli.cases import case_rows, case_story, group_rows, summed_up
from edi_engine.cli.codes import CLEAN, HELD
from edi_engine.cli.decisions import decided, kept, retried
from edi_engine.cli.door import Call, Door, shared
from edi_engine.cli.plain import counted, moment
from edi_engine.cli.shape import document
from edi_engine.desk.wanted import EVERY_OPEN, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from edi_engine.desk.choosing import Chosen


_LINE: Final = re.compile(r"([0-9]{1,6})(?:=([a-z-]+))?", re.ASCII)


@click.group(cls=Door)
def exceptions() -> None:
    """See what waits for a person, and decide it."""


@exceptions.command("list", short_help="List cases, the most urgent first.")
@click.option("--group", "by_cause", is_flag=True, help="One row for each cause, however many orders it stops.")
@shared
@filters
def list_(call: Call, wanted: Wanted, *, by_cause: bool) -> None:
    """List cases, the nearest deadline first, then the most money; those that rest come last."""
    if by_cause:
        _groups(call, wanted)
        return
    found = app.list_cases(call.settings(), wanted, tried=call.as_json)  # the text names no choices

    def text() -> None:
        if not found.entries:
            terminal.put(_none(found.every, wanted))
            return
        files = {one.record.id: one.file_name for one in found.entries if one.file_name is not None}
        records = [one.record for one in found.entries]
        terminal.put(case_rows(records, found.now, terminal.table_width(), files))
        terminal.put(f"\n{summed_up(found)}")
        terminal.suggest((call.edi("exceptions", "show", records[0].id), "why it waits, and what may be done"))

    call.answer("exceptions-list", {"cases": found.entries}, text)


def _none(every: int, wanted: Wanted) -> str:
    if not every:
        return "Nothing waits for a person." if wanted.state == "OPEN" else "No such case."
    return f"No such case; without the filters there {'is' if every == 1 else 'are'} {counted(every, 'case')}."


def _groups(call: Call, wanted: Wanted) -> None:
    found = app.group_cases(call.settings(), wanted)

    def text() -> None:
        if not found:
            terminal.put("Nothing waits for a person." if wanted.state == "OPEN" else "No such case.")
            return
        terminal.put(group_rows(found, terminal.now(), terminal.table_width()))
        cases = sum(len(one.cases) for one in found)
        terminal.put(f"\n{counted(cases, 'case')} of {counted(len(found), 'cause')}.")
        most = max(found, key=lambda one: len(one.cases))
        largest = sum(len(one.cases) == len(most.cases) for one in found) == 1
        what = "the first case of the largest group" if largest else "the first case of the first of the largest groups"
        what = what if len(most.cases) > 1 else "the first case"
        again = (call.edi("exceptions", "retry", "--all-like", most.first), "one repair would settle these: try again")
        terminal.suggest(
            (call.edi("exceptions", "show", most.first), what),
            *([again] if len(most.cases) > 1 else []),
        )

    call.answer("exceptions-groups", {"groups": found}, text)


@exceptions.command("show", short_help="Show one case and what may be done.")
@click.argument("case", type=NUMBER, metavar="ID")
@shared
def show(call: Call, case: int) -> None:
    """Show one case: why it is there, where in the file, what may be done, what happened so far."""
    view = app.show_case(call.settings(), case)

    def text() -> None:
        story = case_story(view, terminal.now(), call.edi, color=terminal.color(), width=terminal.width())
        terminal.lines(story)
        if view.delimiters is not None:  # a file that is no X12 has no segments to show
            terminal.suggest(
                (call.edi("show", view.entry.record.file_id), "the whole file, with names beside its codes")
            )

    content = {
        "case": view.entry,
        "barred": view.barred,
        "instead_of_retry": view.instead,
        "file": view.file_name,
        "order": view.order,
        "history": view.history,
        "others": view.others,
        "alike": view.alike,
    }
    call.answer("exceptions-show", content, text)


@exceptions.command("resolve", short_help="Decide cases; shown first, done with --commit.")
@click.argument("words", nargs=-1, metavar="ID... [CHOICE]")
@click.option("--choose", metavar="CHOICE", help="The choice, where it is not the last word.")
@click.option("--line", "lines", multiple=True, metavar="N[=CHOICE]", help="Decide one line; may be given often.")
@ALL_LIKE
@WHY
@click.option("--verbose", is_flag=True, help="Show also the answer line by line, and the 855 as it would be sent.")
@click.option("--seen", metavar="MARK", default="", help="Act only if it still does what was shown with this mark.")
@click.option("--commit", is_flag=True, help="Act. Without it the effect is only shown.")
@shared
def resolve(  # noqa: PLR0913 (one for each option of the command)
    call: Call,
    words: tuple[str, ...],
    choose: str | None,
    lines: tuple[str, ...],
    all_like: int | None,
    why: str,
    seen: str,
    *,
    verbose: bool,
    commit: bool,
) -> int:
    """Decide cases: accept-theirs, keep-ours, reject-line or dismiss, as `edi exceptions show` offers.

    Shows what the choice does to the 855, 856 and 810; nothing is changed or sent without --commit. An order is
    answered when the last of its cases is decided.

    \b
    edi exceptions resolve 3 keep-ours
    edi exceptions resolve 3 --line 1=keep-ours --line 2=reject-line
    edi exceptions resolve 3 7 9 accept-theirs
    edi exceptions resolve --all-like 3 accept-theirs
    """  # noqa: D301 (click wants the backspace itself: it keeps the lines below it as they are)
    numbers, rest = numbers_in(words)
    said = [*rest, *([choose] if choose is not None else [])]
    if len(said) > 1:
        message = f"one choice for all: {' or '.join(said)}? Line by line it is --line N=CHOICE"
        raise click.UsageError(message)
    chosen = _chosen(said[0] if said else None, lines)
    wishes: Mapping[int, Chosen] = dict.fromkeys(with_alike(call, numbers, all_like), chosen)
    done = (
        app.resolve(call.settings(), wishes, why=why, seen=seen)
        if commit
        else app.preview_resolution(call.settings(), wishes)
    )
    waits = any(one.waits for one in done.came)

    def text() -> None:
        terminal.lines(decided(done.came, terminal.now(), call.edi, verbose=verbose, committed=commit))
        if commit:
            _next(call, [left.case for one in done.came if one.effect for left in one.effect.left])
            return
        given = [part for line in lines for part in ("--line", line)]
        given += [*said, *(("--all-like", all_like) if all_like is not None else ()), *(("--why", why) if why else ())]
        do_it = call.edi("exceptions", "resolve", *numbers, *given, "--seen", done.seen, "--commit")
        terminal.suggest((do_it, "do exactly this"))

    effect = done.came[0].effect if len(done.came) == 1 else None
    content = {"committed": commit, "seen": done.seen, "effect": effect, "cases": done.came}
    call.answer("exceptions-resolve", content, text)
    return HELD if waits else CLEAN


def _chosen(choice: str | None, lines: Sequence[str]) -> dict[int | None, str]:
    chosen: dict[int | None, str] = {}
    for one in lines:
        read = _LINE.fullmatch(one)
        if read is None or (read[2] or choice) is None:
            message = f"--line {one}: write --line 2=keep-ours, or --line 2 and the choice behind the case"
            raise click.UsageError(message)
        number, own = int(read[1]), read[2] or choice
        if chosen.setdefault(number, own or "") != own:
            message = f"--line {number} is given twice, with different choices"
            raise click.UsageError(message)
    bare = [one for one in lines if "=" not in one]
    if choice is not None and not bare:
        chosen[None] = choice
    if not chosen:
        message = "name a choice: accept-theirs, keep-ours, reject-line or dismiss; `edi exceptions show` offers them"
        raise click.UsageError(message)
    return chosen


def _next(call: Call, first: Sequence[int | None]) -> None:
    """Lead on to the next case: one that holds the same order, else the first of the queue."""
    here = next((number for number in first if number is not None), None)
    if here is not None:
        terminal.suggest((call.edi("exceptions", "show", here), "what still holds the order"))
        return
    found = app.list_cases(call.settings(), EVERY_OPEN)
    waiting = [one.record.id for one in found.entries if not one.rests(found.now) or one.overdue(found.now)]
    if waiting:
        terminal.suggest(
            (call.edi("exceptions", "show", waiting[0]), f"the next of {counted(len(waiting), 'case')} that wait")
        )


@exceptions.command("retry", short_help="Try the steps that stopped once more.")
@click.argument("cases", type=NUMBER, nargs=-1, metavar="ID...")
@ALL_LIKE
@shared
def retry(call: Call, cases: tuple[int, ...], all_like: int | None) -> int:
    """Try the step that stopped once more, after a table, map or partner file was repaired."""
    done = app.retry(call.settings(), with_alike(call, cases, all_like))

    def text() -> None:
        terminal.lines(retried(done, terminal.now(), terminal.table_width()))
        left = [case for one in done if one.retried for case in (one.retried.case, *one.retried.others)]
        waiting = [case.id for case in left if case.state == "OPEN"]
        if waiting:
            terminal.suggest((call.edi("exceptions", "show", waiting[0]), "why it waits, and what may be done"))

    only = done[0].retried if len(done) == 1 else None
    content = {} if only is None else {"case": only.case, "others": only.others}
    call.answer("exceptions-retry", {**content, "cases": done}, text)
    return HELD if any(one.waits for one in done) else CLEAN


@exceptions.command("assign", short_help="Say who looks after cases.")
@click.argument("words", nargs=-1, required=True, metavar="ID... NAME")
@click.option("--nobody", is_flag=True, help="In the place of a name: nobody looks after them any more.")
@WHY
@shared
def assign(call: Call, words: tuple[str, ...], why: str, *, nobody: bool) -> None:
    """Say who looks after cases; `me` is you. It changes nothing else, and anybody may still decide them."""
    numbers, rest = numbers_in(words if nobody else words[:-1])
    name = None if nobody else words[-1]
    if rest or not numbers:
        message = "write the numbers of the cases, then one name (in quotes if it has blanks), or --nobody"
        raise click.UsageError(message)
    changed = app.assign(call.settings(), numbers, name, why)
    call.answer("exceptions-assign", {"cases": changed}, lambda: terminal.lines(kept(changed)))


@exceptions.command("snooze", short_help="Let cases rest until later.")
@click.argument("cases", type=NUMBER, nargs=-1, required=True, metavar="ID...")
@click.option(
    "--until",
    metavar="WHEN",
    help="2d, 4h, 1w, tomorrow, 09:00, a day such as 2026-11-24, or '2026-11-24 14:00' (theirs).",
)
@click.option("--end", is_flag=True, help="End their rest now.")
@WHY
@shared
def snooze(call: Call, cases: tuple[int, ...], until: str | None, why: str, *, end: bool) -> None:
    """Let cases rest: until then they stand at the end of the list, then they come back by themselves.

    They stay open, and one whose deadline passes is shown as overdue in its old place.
    """
    if end == (until is not None):
        message = "give either --until (and --why), or --end"
        raise click.UsageError(message)
    if until is None:
        woken = app.wake(call.settings(), cases)
        said = f"{counted(len(woken), 'case')} {'is' if len(woken) == 1 else 'are'} back."
        call.answer("exceptions-snooze", {"cases": woken}, lambda: terminal.put(said))
        return
    rests = app.snooze(call.settings(), cases, until, why)

    def text() -> None:
        for one in rests:
            terminal.put(f"Case {one.case.id} rests until {moment(one.case.snoozed_until)} UTC.")
            if one.missed is not None:
                passes = "has passed" if one.missed < terminal.now() else "passes before that"
                terminal.put(f"  Its deadline, {moment(one.missed)} UTC, {passes}: it is shown as overdue meanwhile.")

    call.answer("exceptions-snooze", {"cases": [one.case for one in rests]}, text)


@exceptions.command("reopen", short_help="Take back what was decided, if it is not too late.")
@click.argument("case", type=NUMBER, metavar="ID")
@WHY
@shared
def reopen(call: Call, case: int, why: str) -> None:
    """Open a case again that was decided or closed by mistake, while nothing of it has been answered."""
    opened = app.reopen(call.settings(), case, why)

    def text() -> None:
        terminal.put(f"Case {case} is open again: {opened.title}")
        terminal.suggest((call.edi("exceptions", "show", case), "why it waits, and what may be done"))

    call.answer("exceptions-reopen", {"case": opened}, text)


@exceptions.command("export", short_help="Write cases for a spreadsheet.")
@click.option("--format", "style", type=click.Choice(["csv", "json"]), default="csv", help="Default: csv.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write into this file, not stdout."
)
@shared
@filters
def export(call: Call, wanted: Wanted, style: str, out: Path | None) -> None:
    """Write cases with all their columns: UTF-8, a line of headings, times in UTC.

    What a spreadsheet would take for a formula begins with an apostrophe.
    """
    rows, as_csv = app.export_cases(call.settings(), wanted)
    as_json = style == "json" or call.as_json
    written = document("exceptions-export", {"cases": rows}) + "\n" if as_json else as_csv
    if out is None:
        click.echo(written.encode("utf-8"), nl=False)
        return
    out.write_bytes(written.encode("utf-8"))
    terminal.say(f"{counted(len(rows), 'case')} written to {out}.")
