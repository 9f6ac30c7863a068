"""Validating a file: everything that the walk would find in it, without a store and without changing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from edi_engine.app.settings import Settings, SystemClock
from edi_engine.app.shelf import BaseMaps, current_edition, dictionary
from edi_engine.errors import UsageError
from edi_engine.finding import Finding, Position, Severity, stops
from edi_engine.flow.acknowledging import ACKNOWLEDGMENTS, acknowledgment_id
from edi_engine.flow.book import in_the_file, no_map, read_order
from edi_engine.flow.decide import judge_value
from edi_engine.flow.documents import body_text
from edi_engine.flow.interpret import conflict, repeat, whose
from edi_engine.flow.judge import check_group, check_set
from edi_engine.flow.office import Books
from edi_engine.flow.receive import TERMINAL
from edi_engine.flow.received import Received
from edi_engine.flow.ta1 import addressee, answer_to
from edi_engine.flow.together import Fate, by_group, stands_alone
from edi_engine.partners.partner import Partner, Reception
from edi_engine.x12.acknowledge import SetVerdict, acknowledge
from edi_engine.x12.reader import outline
from edi_engine.x12.values import GroupOutline, InterchangeOutline, Outline, SetOutline

_TOO_EARLY = frozenset({"envelope.truncated", "envelope.missing.iea"})
"""Faults after which the trailers of what is still open cannot come."""


@dataclass(frozen=True, slots=True)
class CheckedSet:
    """One set of the file. `verdict` is what AK501 would say: A, E or R, and R where its group is refused.

    It is None for an acknowledgment, and where the whole interchange would be put aside: no 997 says anything then.
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
    """What is in a file. `acknowledgments` are the TA1s and 997s that would be sent, one line a segment."""

    name: str
    data: bytes
    outline: Outline
    findings: tuple[Finding, ...]
    sets: tuple[CheckedSet, ...]
    acknowledgments: tuple[str, ...]
    partner: str | None


_Judged = tuple[GroupOutline, list[CheckedSet]]
"""A group with all that was found of it, and what became of each of its sets."""


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
    let_in: dict[tuple[str, ...], InterchangeOutline] = {}
    for interchange in found.interchanges:
        earlier = let_in.get(_identity(interchange))
        if earlier is not None and _bytes(data, earlier) == _bytes(data, interchange):
            findings.append(repeat(_start(name, interchange), f"the one at byte {earlier.start} of this file"))
            continue
        chosen, doubts = _partner(books, interchange, partner)
        if earlier is not None:
            doubts = (*doubts, conflict(interchange, f"at byte {earlier.start} of this file"))
        titles.extend([chosen.title] if chosen is not None else [])
        aside = stops((*interchange.findings, *doubts))
        if not aside:
            let_in[_identity(interchange)] = interchange
        findings.extend(one.at(file=name) for one in (*doubts, *interchange.findings))
        answers.extend(_ta1(books, interchange, (*interchange.findings, *doubts), chosen))
        follow = _follow_ups(interchange)
        judged: list[_Judged] = []
        for each in interchange.groups:
            group = replace(each, findings=check_group(books, each, chosen))
            findings.extend(
                _said(one, aside=aside).at(file=name, interchange=interchange.control)
                for one in group.findings
                if (one.code, one.where.segment) not in follow
            )
            checked = [_check(books, name, data, interchange, group, one, chosen) for one in group.sets]
            if aside:
                sets.extend(_put_aside(one, follow) for one in checked)
            else:
                judged.append((group, checked))
        for group, checked in _together(name, interchange, judged, chosen):
            sets.extend(checked)
            answers.extend(_answer(books, interchange, group, checked, chosen))
    everything = (*findings, *(one for each in sets for one in each.findings))
    return Validation(name, data, found, everything, tuple(sets), tuple(answers), titles[0] if titles else None)


def _identity(one: InterchangeOutline) -> tuple[str, ...]:
    """Give what no two interchanges may share: the addresses and the control number."""
    return one.sender_qualifier, one.sender, one.receiver_qualifier, one.receiver, one.control


def _bytes(data: bytes, interchange: InterchangeOutline) -> bytes:
    return data[interchange.start : interchange.end]


def _start(name: str, interchange: InterchangeOutline) -> Position:
    return Position(file=name, interchange=interchange.control, byte=interchange.start, segment=interchange.number)


def _partner(
    books: Books, interchange: InterchangeOutline, wanted: str | None
) -> tuple[Partner | None, tuple[Finding, ...]]:
    """Give the partner to check by: the one named, else the one that the addresses tell, else none at all.

    A sender that we know, under another qualifier or with another receiver, would be put aside, and is told so. Of a
    stranger X12 can be checked, and a note says that this is all.
    """
    if wanted is not None:
        return books.edition.partners[wanted], ()
    sender, doubts = whose(books, interchange, TERMINAL)
    if sender is not None:
        return sender.partner, ()
    identities = [one.identity for one in books.edition.partners.values()]
    if any(address.id == interchange.sender for one in identities for address in (*one.theirs, *one.test)):
        return None, doubts
    who = f"{interchange.sender_qualifier}/{interchange.sender}"
    note = Finding(
        "envelope.stranger",
        Severity.NOTE,
        f"No partner file claims the sender {who}, so only X12 was checked; `edi process` would put it aside.",
        Position(interchange=interchange.control, byte=interchange.start, segment=interchange.number),
        seen=who,
        fix="name the partner with --partner, or add the address to `identity` of a partner file",
    )
    return None, (note,)


def _follow_ups(interchange: InterchangeOutline) -> set[tuple[str, int | None]]:
    """Give the faults, by code and segment, that only say again that the interchange ends too early."""
    ends = [one.where.segment or 0 for one in interchange.findings if one.code in _TOO_EARLY]
    trailers = ("envelope.missing.se", "envelope.missing.ge")  # they would stand there, or behind a segment that is cut
    return {(code, segment + behind) for segment in ends for code in trailers for behind in (0, 1)}


def _said(finding: Finding, *, aside: bool) -> Finding:
    """Take the acknowledgment's word from a finding where no acknowledgment will be written."""
    return replace(finding, ack=None) if aside else finding


def _put_aside(checked: CheckedSet, follow: set[tuple[str, int | None]]) -> CheckedSet:
    """Say of a set that its whole interchange is put aside."""
    own = (one for one in checked.findings if (one.code, one.where.segment) not in follow)
    return replace(checked, verdict=None, held=False, findings=tuple(_said(one, aside=True) for one in own))


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
    if verdict != "R" and group.kind != ACKNOWLEDGMENTS:
        po_number, rules = _read(books, received, partner, findings)
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
    books: Books, received: Received, partner: Partner | None, findings: Sequence[Finding]
) -> tuple[str | None, tuple[Finding, ...]]:
    """Read the order and, where the partner is known, ask the rules; give its number and what they found.

    `findings` are those of the set so far. What none of the partner's maps reads would wait for a person.
    """
    reading, _ = read_order(books, received, partner)
    if reading is None:
        return None, (no_map(received, partner),) if partner is not None and not stops(tuple(findings)) else ()
    if reading.order is None:
        return None, reading.findings
    if partner is None or stops(reading.findings):
        return reading.order.po_number, reading.findings
    judged = judge_value(books, reading.order, partner, (), number="0")
    rules = in_the_file(books, judged.decision.all_findings(), received, partner)
    return reading.order.po_number, (*reading.findings, *rules)


def _ta1(
    books: Books, interchange: InterchangeOutline, faults: Sequence[Finding], partner: Partner | None
) -> list[str]:
    """Write the TA1 that the interchange would get as a line; none for a stranger."""
    known = addressee(books, interchange, TERMINAL)
    to = partner or (known[0] if known is not None else None)
    segment = answer_to(interchange, faults, to, interchange.delimiters) if to is not None else None
    return list(body_text((segment,), interchange.delimiters)) if segment is not None else []


def _together(
    name: str, interchange: InterchangeOutline, judged: Sequence[_Judged], partner: Partner | None
) -> Iterator[_Judged]:
    """Do to the sound sets what becomes of them because of others, where the partner wants them taken together."""
    reasons = [_refused_in(*one) for one in judged]
    first = next((reason for reason in reasons if reason), "")
    for (group, checked), own in zip(judged, reasons, strict=True):
        reception = partner.reception if partner is not None else Reception()
        because = "" if stands_alone(reception) else own if by_group(reception) else first
        if partner is None or not because or group.kind == ACKNOWLEDGMENTS:
            yield group, checked
            continue
        fate = Fate(partner, because)
        where = Position(file=name, interchange=interchange.control, group=group.control)
        touched = [
            _touched(one, fate, fate.of_set(found, replace(where, set_control=found.control, set_id=found.set_id)))
            for found, one in zip(group.sets, checked, strict=True)
        ]
        yield replace(group, findings=(*group.findings, *fate.of_group(group.control))), touched


def _refused_in(group: GroupOutline, checked: Sequence[CheckedSet]) -> str:
    """Name what is refused in a group first, "" for nothing."""
    if group.kind == ACKNOWLEDGMENTS:
        return ""
    if any(one.severity is Severity.REFUSE for one in group.findings):
        return f"group {group.control}"
    return next((f"{one.set_id} {one.control}" for one in checked if one.verdict == "R"), "")


def _touched(checked: CheckedSet, fate: Fate, why: Finding) -> CheckedSet:
    if checked.verdict == "R":
        return checked
    return replace(
        checked,
        verdict="R" if fate.refuses else checked.verdict,
        held=not fate.refuses,
        findings=(*checked.findings, why),
    )


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
    version = books.version_of(group.version, partner) or ours
    x12_only = (tuple(one for one in each.findings if one.ack is not None) for each in checked)
    verdicts = [SetVerdict(one, found) for one, found in zip(group.sets, x12_only, strict=True)]
    set_id = acknowledgment_id(books, partner, version)
    answer = acknowledge(group, verdicts, version, set_id=set_id, delimiters=interchange.delimiters)
    return list(body_text(answer.segments, interchange.delimiters))
