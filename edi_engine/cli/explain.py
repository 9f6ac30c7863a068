"""`edi explain`: what a code means, whoever said it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import click

from edi_engine import app
from edi_engine.app import explaining
from edi_engine.app.explaining import AckTopic, Explained, FamilyTopic, FindingTopic
from edi_engine.app.listed import ListedTopic
from edi_engine.cli import terminal
from edi_engine.cli.dictionary import VERSION
from edi_engine.cli.door import Call, shared
from edi_engine.cli.table import table
from edi_engine.cli.topics import code_lines, content, drawn
from edi_engine.x12.dictionary import Dictionary
from edi_engine.x12.grammar_words import spans

_SEVERITIES = {
    "NOTE": "a note: worth knowing, nothing waits",
    "WARNING": "a warning: probably wrong, nothing waits",
    "HOLD": "a hold: a person must decide, what it is about waits in a case",
    "REFUSE": "an error: refused, the acknowledgment says so",
}


@click.command(short_help="Say what a code means: a finding's, a 997's, or any of X12.")
@click.argument("words", nargs=-1, required=True, metavar="WHAT")
@VERSION
@shared
def explain(call: Call, words: tuple[str, ...], version: str | None) -> None:
    """Say in plain words WHAT a code means, and what to do.

    WHAT is a finding (x12.element.code), a code of a 997, 999 or TA1 (AK403=7, IK304=8, TA105=005), a code of any
    element (PO103=CA; CA alone names the lists that have it), a segment (PO1), an element (PO106, 355) or a set (850).
    """
    standard = app.dictionary(call.settings())
    found = explaining.explain(standard, words, version)
    call.answer("explain", _content(found), lambda: terminal.lines(_drawn(found, standard)))


def _drawn(found: Explained, standard: Dictionary) -> Iterator[str]:
    match found:
        case FindingTopic():
            yield from _finding(found)
        case FamilyTopic():
            yield f"{found.begin}: {len(found.findings)} findings. `edi explain CODE` tells one of them."
            yield ""
            for each in found.findings:
                yield each.code
                yield from _wrapped(each.cause.partition(". ")[0].removesuffix(".") + ".", "    ")
        case ListedTopic():
            yield from _lists(found, standard)
        case AckTopic():
            yield from code_lines(found.code, standard)
            yield from _wrapped(found.place)
            if found.findings:
                yield ""
                yield "We find it, and say it, as:"
                for each in found.findings:
                    yield f"  {each.code}"
                    yield from _wrapped(each.cause.partition(". ")[0].removesuffix(".") + ".", "    ")
            yield ""
            where = "`edi outbox show ID` tells it" if found.taken else "`edi exceptions list` has the case of it"
            yield from _wrapped(f"From a partner it is about a document of ours: {where}.")
            yield from _wrapped("From us it is about their file: `edi validate FILE` tells it in full.")
        case _:
            yield from drawn(found, standard)


def _finding(found: FindingTopic) -> Iterator[str]:
    yield found.code
    yield from _wrapped(" or ".join(_SEVERITIES.get(severity, severity) for severity in found.severities), "  ")
    yield ""
    yield from _wrapped(found.cause)
    yield ""
    yield from _wrapped(f"For example: {found.example}")
    yield ""
    yield from _wrapped(f"What to do: {found.fix}")


def _lists(found: ListedTopic, standard: Dictionary) -> Iterator[str]:
    many = len(found.lists)
    yield f"{found.code}   (in the lists of {many} elements)" if many > 1 else f"{found.code}   (in one list of codes)"
    known = [one for one in found.lists if one.meaning is not None]
    others = [f"{one.element.id} {one.element.name}" for one in found.lists if one.meaning is None]
    if known:
        rows = [
            (one.meaning or "", one.element.id, one.element.name, spans(one.versions or (), standard.versions()))
            for one in known
        ]
        yield ""
        yield table(("means", "element", "", "valid in"), rows, right=frozenset({"element"}))
    if others:
        yield ""
        yield from _wrapped(f"{'Also valid' if known else 'Valid'}, without words of ours: {', '.join(others)}.")
    yield ""
    yield f"`edi explain {found.lists[0].element.id}={found.code}` tells one of them."


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text, terminal.width(), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _content(found: Explained) -> dict[str, object]:
    match found:
        case FindingTopic():
            return {"kind": "finding", **_told(found)}
        case FamilyTopic():
            return {"kind": "findings", "begin": found.begin, "findings": [_told(each) for each in found.findings]}
        case ListedTopic():
            return {"kind": "lists", "code": found.code, "lists": [content(one) for one in found.lists]}
        case AckTopic():
            findings = [each.code for each in found.findings]
            return {**content(found.code), "kind": "acknowledgment", "about": found.place, "findings": findings}
        case _:
            return content(found)


def _told(found: FindingTopic) -> dict[str, object]:
    return {
        "code": found.code,
        "severity": found.severities,
        "cause": found.cause,
        "example": found.example,
        "fix": found.fix,
    }
