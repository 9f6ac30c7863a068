"""Validating a file: everything that the walk would find in it, without a store and without changing anything."""

from __future__ import annotations

from dataclasses import dataclass, replace

from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.shelf import BaseMaps, current_edition, dictionary
from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.flow.book import Received, in_the_file, read_order
from edi_engine.flow.decide import judge_value
from edi_engine.flow.documents import body_text
from edi_engine.flow.interpret import whose
from edi_engine.flow.judge import ACKNOWLEDGMENTS, check_group, check_set
from edi_engine.flow.office import Books
from edi_engine.flow.receive import TERMINAL
from edi_engine.partners.partner import Partner
from edi_engine.x12.acknowledge import SetVerdict, acknowledge
from edi_engine.x12.reader import outline
from edi_engine.x12.values import GroupOutline, InterchangeOutline, Outline, SetOutline


@dataclass(frozen=True, slots=True)
class CheckedSet:
    """One set of the file. `verdict` is what AK501 would say: A, E or R; None for an acknowledgment.

    `held` says that the order rules, the map or the guide would hold it.
    """

    set_id: str
    control: str
    interchange: str
    group: str
    verdict: str | None
    partner: str | None
    po_number: str | None
    findings: tuple[Finding, ...]
    held: bool = False


@dataclass(frozen=True, slots=True)
class Validation:
    """What is in a file. `acknowledgments` are the 997s that would be sent, one line a segment."""

    name: str
    data: bytes
    outline: Outline
    findings: tuple[Finding, ...]
    sets: tuple[CheckedSet, ...]
    acknowledgments: tuple[str, ...]
    partner: str | None


def validate(settings: Settings, data: bytes, name: str, partner: str | None = None) -> Validation:
    """Check every set of a file against X12, and against its partner's guide, map and rules where one is known.

    Raises UsageError for a partner that no file describes, ConfigurationError for wrong partner files.
    """
    edition = current_edition(settings)
    books = Books(
        clock=SystemClock(),
        edition=edition,
        dictionary=dictionary(settings.home),
        base_map=BaseMaps(settings, edition),
    )
    if partner is not None and partner not in edition.partners:
        known = ", ".join(sorted(edition.partners)) or "none"
        message = f"there is no partner {partner}; known: {known}"
        raise UsageError(message)
    found = outline(data, file=name)
    findings: list[Finding] = [one.at(file=name) for one in found.findings]
    sets: list[CheckedSet] = []
    answers: list[str] = []
    titles: list[str] = []
    for interchange in found.interchanges:
        chosen = _partner(books, interchange, partner)
        titles.extend([chosen.title] if chosen is not None else [])
        findings.extend(one.at(file=name) for one in interchange.findings)
        for each in interchange.groups:
            group = replace(each, findings=check_group(books, each))
            findings.extend(one.at(file=name) for one in group.findings)
            checked = [_check(books, name, data, interchange, group, one, chosen) for one in group.sets]
            sets.extend(checked)
            answers.extend(_answer(books, interchange, group, checked, chosen))
    everything = (*findings, *(one for each in sets for one in each.findings))
    return Validation(name, data, found, everything, tuple(sets), tuple(answers), titles[0] if titles else None)


def _partner(books: Books, interchange: InterchangeOutline, wanted: str | None) -> Partner | None:
    """Give the partner to check by: the one named, else the one that the addresses tell, else none at all."""
    if wanted is not None:
        return books.edition.partners[wanted]
    sender, _ = whose(books, interchange, TERMINAL)
    return sender.partner if sender is not None else None


def _check(
    books: Books,
    name: str,
    data: bytes,
    interchange: InterchangeOutline,
    group: GroupOutline,
    found: SetOutline,
    partner: Partner | None,
) -> CheckedSet:
    where = Position(
        file=name,
        interchange=interchange.control,
        group=group.control,
        set_control=found.control,
        set_id=found.set_id,
    )
    text = data[found.start : found.end].decode("latin-1")
    received = Received(text, found, interchange.delimiters, group.version, where)
    refused = any(one.severity is Severity.REFUSE for one in group.findings)
    findings = [] if refused else list(check_set(books, group, received, partner))
    verdict = "R" if refused else SetVerdict(found, tuple(findings)).code
    po_number = None
    if verdict != "R":
        po_number, rules = _read(books, received, partner, live=interchange.usage == "P")
        findings.extend(rules)
    return CheckedSet(
        found.set_id,
        found.control,
        interchange.control,
        group.control,
        None if group.kind == ACKNOWLEDGMENTS else verdict,
        partner.name if partner else None,
        po_number,
        tuple(findings),
        held=verdict != "R" and stops(findings),
    )


def _read(
    books: Books, received: Received, partner: Partner | None, *, live: bool
) -> tuple[str | None, tuple[Finding, ...]]:
    """Read the order and, where the partner is known, ask the rules; give its number and what they found."""
    reading, _ = read_order(books, received, partner)
    if reading is None:
        return None, ()
    if reading.order is None:
        return None, reading.findings
    if partner is None or stops(reading.findings):
        return reading.order.po_number, reading.findings
    judged = judge_value(books, reading.order, partner, (), live=live, number="0")
    rules = in_the_file(books, judged.decision.all_findings(), received, partner)
    return reading.order.po_number, (*reading.findings, *rules)


def _answer(
    books: Books,
    interchange: InterchangeOutline,
    group: GroupOutline,
    checked: list[CheckedSet],
    partner: Partner | None,
) -> list[str]:
    """Write the 997 that the group would get, one segment a line; none for acknowledgments."""
    if group.kind == ACKNOWLEDGMENTS:
        return []
    ours = partner.envelope.version[:6] if partner is not None else books.dictionary.versions()[0]
    version = books.dictionary.resolve(group.version) or ours
    x12_only = (tuple(one for one in each.findings if one.ack is not None) for each in checked)
    verdicts = [SetVerdict(one, found) for one, found in zip(group.sets, x12_only, strict=True)]
    answer = acknowledge(group, verdicts, version, delimiters=interchange.delimiters)
    return list(body_text(answer.segments, interchange.delimiters))
