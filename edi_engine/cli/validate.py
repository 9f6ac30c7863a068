"""`edi validate`: everything that is wrong with a file, as a compiler would say it. Nothing is stored or sent."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from mmap import mmap
from typing import TYPE_CHECKING, Final

import click

from edi_engine import app
from edi_engine.cli import referee as second_opinion
from edi_engine.cli import terminal
from edi_engine.cli.diagnostic import render
from edi_engine.cli.door import WRAP, Call, Reading, opened, read, shared, wrapped
from edi_engine.cli.exits import exit_code
from edi_engine.cli.locate import InSet, delimiters_at
from edi_engine.cli.plain import safe
from edi_engine.cli.progress import Progress
from edi_engine.cli.summary import MANY, STRANGER, Kinds, Tally, by_order, most_frequent, summary
from edi_engine.finding import Finding, Severity
from edi_engine.x12.values import Delimiters, Outline

if TYPE_CHECKING:
    from edi_engine.app.surveying import Survey
    from edi_engine.app.validating import CheckedSet, Validation
    from edi_engine.x12.pyx12.compare import Comparison

_MOST_ANSWERED: Final = 40
"""Segments of an answer that are shown on a terminal."""


@click.command(short_help="Say everything that is wrong with a file.")
@click.argument("file", type=Reading())
@click.option("--partner", metavar="NAME", help="Check as a file of this partner, whatever its addresses say.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    help="How to answer: sarif is for code hosts and editors.",
)
@click.option("--ack", is_flag=True, help="Show the acknowledgments (TA1, 997 or 999) that the file would get.")
@WRAP
@click.option(
    "--all",
    "every",
    is_flag=True,
    help=f"Show every finding in its place, even more than {MANY}; and a long answer whole.",
)
@click.option("--referee", is_flag=True, help="Ask pyx12 too, and show both verdicts; slow (10 s a MB).")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    metavar="N",
    help="Share a big file out among N processes; 1 by default.",
)
@shared
def validate(  # noqa: PLR0913 (one for each option of the command)
    call: Call,
    file: str,
    partner: str | None,
    form: str,
    wrap: int | None,
    *,
    ack: bool,
    every: bool,
    referee: bool,
    jobs: int,
) -> int:
    """Check an X12 FILE (- reads stdin) against the standard, and its partner's guide, map and rules.

    What comes from a sender whom no partner file claims is held against X12 alone. It would be put aside, and ends
    with 4, as `edi process` does; in a home without any partners only what X12 says of it counts.
    """
    if form == "sarif" and (call.as_json or ack or referee):
        message = "a SARIF log holds findings only: leave --json, --ack and --referee out"
        raise click.UsageError(message)
    call.as_json = call.as_json or form == "json"
    settings, given = call.settings(), (file, *wrapped(wrap))
    if call.as_json or ack or referee or form == "sarif":
        name, data = read(file, wrap)
        found = _located(app.validate(settings, data, name, partner, jobs=jobs))
        if form == "sarif":
            return _log(found)
        opinion = app.referee(settings, found) if referee else None
        return _tell(call, given, found, opinion, ack=ack, every=every)
    with opened(file, wrap) as (name, mapped):
        survey = app.survey(settings, mapped, name, partner)
        counts = Tally()
        kinds = _draw(call, given, survey, _findings(survey, jobs, counts, silent=every), counts, every=every)
        code = exit_code(kinds.firsts.values())
        _next(call, given, survey, code, kinds.unfixed())
        return code


def _findings(survey: Survey, jobs: int, counts: Tally, *, silent: bool) -> Iterator[Finding]:
    """Give all findings, those of a set when it has been checked, and count the sets."""
    yield from survey.findings
    outer = _outer(survey.findings)
    progress = Progress(0 if silent else survey.size, "sets checked")
    try:
        for one in app.checked_sets(survey, jobs):
            counts.add(one.set_id, (*one.findings, *_around(outer, one)), one.control, one.po_number)
            yield from _of_set(one, survey.data, survey.outline)
            progress.step()
    finally:
        progress.end()


def _draw(
    call: Call,
    given: tuple[str, ...],
    found: Survey,
    findings: Iterable[Finding],
    counts: Tally,
    *,
    every: bool,
) -> Kinds:
    """Draw findings as they come, or the most frequent ones where there are many; give all of them, counted."""
    kinds = Kinds()
    few: list[Finding] = []
    for finding in findings:
        kinds.add(finding)
        if every:
            terminal.lines(_drawn([finding], found))
        elif len(kinds) <= MANY:
            few.append(finding)
    if len(kinds) > MANY and not every:
        terminal.put(most_frequent(kinds, terminal.table_width()))
        terminal.say(f"\n`{call.edi('validate', '--all', *given)}` shows all {len(kinds):,} in their places.")
    else:
        terminal.lines(_drawn(few, found))
    if orders := by_order(counts, terminal.table_width()):
        terminal.put(f"\n{orders}\n" if len(kinds) > MANY and not every else f"{orders}\n")
    terminal.put(summary(kinds, counts))
    return kinds


def _log(found: Validation) -> int:
    """Answer with a SARIF log."""
    code = exit_code(found.findings)
    write = import_module("edi_engine.cli.sarif").sarif  # what it needs is loaded only where it is asked for
    terminal.put(write(found.findings, found.name, found.data, found.outline, code))
    return code


def _tell(
    call: Call, given: tuple[str, ...], found: Validation, opinion: Comparison | None, *, ack: bool, every: bool
) -> int:
    """Answer with everything at once: as JSON, or with the acknowledgment or the referee's opinion after the rest."""
    code = exit_code(found.findings)
    outer = _outer(found.findings)
    counts = Tally()
    for one in found.sets:
        counts.add(one.set_id, (*one.findings, *_around(outer, one)), one.control, one.po_number)

    def text() -> None:
        kinds = _draw(call, given, found.survey, found.findings, counts, every=every)
        if ack:
            again = None if every or not terminal.watched() else call.edi("validate", "--ack", "--all", *given)
            terminal.lines(_answered(found, again))
        if opinion is not None:
            terminal.lines(second_opinion.drawn(opinion))
        _next(call, given, found.survey, code, kinds.unfixed(), ack=ack)

    content = {
        "file": found.name,
        "partner": found.partner,
        "exit": code,
        "summary": summary(found.findings, counts),
        "sets": [
            {
                "set": one.set_id,
                "control": one.control,
                "interchange": one.interchange,
                "group": one.group,
                "verdict": one.verdict,
                "partner": one.partner,
                "po_number": one.po_number,
                "findings": one.findings,
            }
            for one in found.sets
        ],
        "findings": found.findings,
        "acknowledgments": found.acknowledgments,
        "silence": found.silence,
        **({"referee": second_opinion.content(opinion)} if opinion is not None else {}),
    }
    call.answer("validate", content, text)
    return code


def _located(found: Validation) -> Validation:
    """Give the same with the place in the file of every finding that can be told."""
    sets = tuple(replace(one, findings=tuple(_of_set(one, found.data, found.outline))) for one in found.sets)
    outer = found.findings[: len(found.findings) - sum(len(one.findings) for one in sets)]
    return replace(found, sets=sets, findings=(*outer, *(finding for one in sets for finding in one.findings)))


def _of_set(one: CheckedSet, data: bytes | mmap, outline: Outline) -> Iterator[Finding]:
    """Give the findings of a set, each with its place in the file if that can be told."""
    place = InSet(data, one.outline, delimiters_at(outline, one.outline.start) or Delimiters())
    return (place.locate(finding) for finding in one.findings)


def _outer(findings: Sequence[Finding]) -> list[Finding]:
    """Give the findings outside of sets that stop what stands inside; a stranger's is put aside, whatever is said."""
    return [
        one
        for one in findings
        if one.where.set_control is None and (one.severity >= Severity.HOLD or one.code == STRANGER)
    ]


def _around(outer: Sequence[Finding], one: CheckedSet) -> Iterator[Finding]:
    """Give those of the findings outside the sets that a set stands in, and cannot escape."""
    for finding in outer:
        where = finding.where
        inside = where.interchange in {None, one.interchange} and where.group in {None, one.group}
        if inside and (where.interchange or where.group):
            yield finding


def _answered(found: Validation, again: str | None) -> Iterator[str]:
    """Draw what would be sent back, and say why something, or all of it, would not.

    Of a long answer a person reads the beginning and the last line; `again` is the command that shows all of it, None
    where all is wanted.
    """
    yield ""
    for why in found.silence:
        yield from textwrap.wrap(f"No acknowledgment would be sent: {safe(why)}.", terminal.width())
    if found.acknowledgments:
        yield "A partner's file would get:" if app.is_stranger(found.survey) else "The acknowledgment would be:"
        said = [safe(segment.rstrip("\r\n")) for segment in found.acknowledgments]
        left = len(said) - _MOST_ANSWERED
        if left <= 1 or again is None:
            yield from said
        else:
            yield from said[: _MOST_ANSWERED - 1]
            yield f"... and {left:,} segments more: `{again}` shows all, and so does a file that this is written into."
            yield said[-1]
    elif not found.silence:
        yield "No acknowledgment."


def _drawn(findings: Iterable[Finding], found: Survey) -> Iterator[str]:
    color, width = terminal.color(), terminal.width()
    for finding in findings:
        signs = delimiters_at(found.outline, finding.where.byte or 0)
        speech = app.spoken(found, finding)
        yield render(finding, found.data, signs, speech=speech, color=color, width=width)
        yield ""


def _next(
    call: Call, given: tuple[str, ...], found: Survey, code: int, unfixed: str | None, *, ack: bool = False
) -> None:
    """Say what to type next; `unfixed` is a code of which nothing said yet what to do."""
    what = ((call.edi("explain", unfixed), "what that is about, and what to do"),) if unfixed is not None else ()
    if not found.outline.interchanges or given[0] == "-":  # nobody can give the same bytes again by a command
        return
    shown = (call.edi("show", *given), "names beside every code of the file")
    first: tuple[tuple[str, str], ...] = ()
    if code == 0 and found.partner is not None:
        first = ((call.edi("process", *given, "--out", "answers"), "answer it, into the folder answers"),)
    elif found.partner is None:
        first = ((call.edi("partner", "list"), "the partners that there are"),)
    elif not ack:
        first = ((call.edi("validate", "--ack", *given), "the acknowledgment that it would get"),)
    terminal.suggest(*what, *first, shown)
