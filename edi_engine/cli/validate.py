"""`edi validate`: everything that is wrong with a file, as a compiler would say it. Nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from edi_engine import app
from edi_engine.cli import referee as second_opinion
from edi_engine.cli import terminal
from edi_engine.cli.diagnostic import render
from edi_engine.cli.door import WRAP, Call, Reading, read, shared, wrapped
from edi_engine.cli.exits import exit_code
from edi_engine.cli.locate import Places
from edi_engine.cli.plain import safe
from edi_engine.cli.summary import MANY, most_frequent, summary, tally
from edi_engine.finding import Finding, Severity
from edi_engine.x12.values import Delimiters

if TYPE_CHECKING:
    from edi_engine.app.validating import CheckedSet, Validation


@click.command(short_help="Say everything that is wrong with a file.")
@click.argument("file", type=Reading())
@click.option("--partner", metavar="NAME", help="Check as a file of this partner, whatever its addresses say.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to answer.")
@click.option("--ack", is_flag=True, help="Show the acknowledgments (TA1, 997 or 999) that the file would get.")
@WRAP
@click.option("--all", "every", is_flag=True, help=f"Draw every finding, even where there are more than {MANY}.")
@click.option("--referee", is_flag=True, help="Ask pyx12 too, and show both verdicts; slow (10 s a MB).")
@shared
def validate(
    call: Call, file: str, partner: str | None, form: str, wrap: int | None, *, ack: bool, every: bool, referee: bool
) -> int:
    """Check an X12 FILE (- reads stdin) against the standard, and its partner's guide, map and rules."""
    call.as_json = call.as_json or form == "json"
    name, data = read(file, wrap)
    found = app.validate(call.settings(), data, name, partner)
    places = Places(data, found.outline)
    found = replace(
        found,
        findings=tuple(places.locate(one) for one in found.findings),
        sets=tuple(replace(each, findings=tuple(places.locate(one) for one in each.findings)) for each in found.sets),
    )
    code = exit_code(found.findings)
    opinion = app.referee(call.settings(), found) if referee else None
    outer = [one for one in found.findings if one.where.set_control is None and one.severity >= Severity.HOLD]
    counts = tally([(one.set_id, (*one.findings, *_around(outer, one))) for one in found.sets])

    again = wrapped(wrap)

    def text() -> None:
        if len(found.findings) > MANY and not every:
            terminal.put(most_frequent(found.findings, terminal.table_width()))
            terminal.say(f"\n`{call.edi('validate', '--all', file, *again)}` draws all {len(found.findings):,}.")
        else:
            terminal.lines(_drawn(found.data, found))
        terminal.put(summary(found.findings, counts))
        if ack:
            terminal.lines(("", "The acknowledgment would be:" if found.acknowledgments else "No acknowledgment."))
            terminal.lines(safe(segment.rstrip("\r\n")) for segment in found.acknowledgments)
        if opinion is not None:
            terminal.lines(second_opinion.drawn(opinion))
        _next(call, (file, *again), found, code)

    content = {
        "file": name,
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
        **({"referee": second_opinion.content(opinion)} if opinion is not None else {}),
    }
    call.answer("validate", content, text)
    return code


def _around(outer: Sequence[Finding], one: CheckedSet) -> Iterator[Finding]:
    """Give those of the findings outside the sets that a set stands in, and cannot escape."""
    for finding in outer:
        where = finding.where
        inside = where.interchange in {None, one.interchange} and where.group in {None, one.group}
        if inside and (where.interchange or where.group):
            yield finding


def _drawn(data: bytes, found: Validation) -> Iterator[str]:
    color, width = terminal.color(), terminal.width()
    for finding in found.findings:
        yield render(finding, data, delimiters_at(found, finding), color=color, width=width)
        yield ""


def delimiters_at(found: Validation, finding: Finding) -> Delimiters | None:
    """Give the delimiters of the interchange that a finding stands in."""
    byte = finding.where.byte or 0
    inside = (one.delimiters for one in reversed(found.outline.interchanges) if one.start <= byte)
    return next(inside, None)


def _next(call: Call, given: tuple[str, ...], found: Validation, code: int) -> None:
    if not found.outline.interchanges:
        return
    if given[0] == "-":
        return  # nobody can give the same bytes again by repeating the command
    shown = (call.edi("show", *given), "names beside every code of the file")
    if code == 0 and found.partner is not None:
        terminal.suggest((call.edi("process", *given, "--out", "answers"), "answer it, into the folder answers"), shown)
    elif found.partner is None:
        terminal.suggest((call.edi("partner", "list"), "the partners that there are"), shown)
    else:
        terminal.suggest((call.edi("validate", "--ack", *given), "the acknowledgment that it would get"), shown)
